package stack

import (
	"cmp"
	"debug/elf"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"beian/shared/rules/gbk"
	"beian/shared/setup"
	"beian/shared/setup/domains"
	"beian/shared/setup/environ"
)

// A deployedFunction is a deployed function.
type deployedFunction struct {
	Function
	lambda awslambda.Function
	log    awslogs.LogGroup
}

// deployedFunctions are all functions by name.
type deployedFunctions map[string]deployedFunction

// alias is the alias of the state machine, by which executions are started.
const alias = "live"

// Defaults of [Function].
const (
	defaultSeconds = 30
	defaultMemory  = 256
)

// checkBinaries returns an error if a binary is missing or was built for another processor.
func checkBinaries(folder string, a Architecture) error {
	want := map[Architecture]elf.Machine{ARM64: elf.EM_AARCH64, X86: elf.EM_X86_64}[a]
	for _, f := range Functions {
		path := filepath.Join(folder, f.Name, "bootstrap")
		binary, err := elf.Open(path)
		if err != nil {
			return fmt.Errorf("function %s has no Linux binary at %s; run make build-functions / 函数 %[1]s 在 %[2]s 没有 Linux 程序，请运行 make build-functions", f.Name, path)
		}
		got := binary.Machine
		if err := binary.Close(); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s is built for %s, but the environment's architecture is %s; run make build-functions / %[1]s 的架构是 %[2]s，而环境的 architecture 是 %[3]s，请运行 make build-functions", path, got, a)
		}
	}
	return nil
}

func newFunctions(stack awscdk.Stack, s Settings, r *records, network awsec2.Vpc, binaries string) deployedFunctions {
	// The functions' variables contain secrets, so a separate key encrypts them.
	variables := awskms.NewKey(stack, jsii.String("Key-variables"), &awskms.KeyProps{
		Alias:             jsii.String("beian/" + s.Name + "/variables"),
		Description:       jsii.String("Beian (" + s.Name + "): encrypts the functions' environment variables"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	all := deployedFunctions{}
	for _, f := range s.functions() {
		all[f.Name] = newFunction(stack, s, r, f, variables, network, binaries)
	}
	return all
}

func newFunction(stack awscdk.Stack, s Settings, r *records, f Function, variables awskms.Key, network awsec2.Vpc, binaries string) deployedFunction {
	name := s.resourceName(f.Name)
	log := awslogs.NewLogGroup(stack, jsii.String("Log-"+f.Name), &awslogs.LogGroupProps{
		Retention: logRetention[s.LogDays], RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	role := awsiam.NewRole(stack, jsii.String("Role-"+f.Name), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description: jsii.String("permissions of the function " + f.Name),
	})
	for _, one := range grantStatements(stack, s, r, f, log) {
		role.AddToPolicy(one)
	}
	if f.hasGrant(ReadObject) || f.hasGrant(DeleteObject) || f.hasGrant(ReadUpload) {
		suppress(role, "AwsSolutions-IAM5", "Object names are not known in advance; the wildcard covers the objects of one bucket.")
	}
	props := &awslambda.FunctionProps{
		FunctionName:          jsii.String(name),
		Description:           jsii.String("Beian: " + f.Name + " (secrets: revision " + strconv.Itoa(s.SecretsRevision) + ")"),
		Runtime:               awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:          awslambda.Architecture_ARM_64(),
		Handler:               jsii.String("bootstrap"),
		Code:                  awslambda.Code_FromAsset(jsii.String(filepath.Join(binaries, f.Name)), nil),
		Role:                  role,
		LogGroup:              log,
		LoggingFormat:         awslambda.LoggingFormat_JSON,
		SystemLogLevelV2:      awslambda.SystemLogLevel_WARN, // a start and a report of each invocation cost more than all other logs; CloudWatch has its metrics
		MemorySize:            jsii.Number(cmp.Or(f.Memory, defaultMemory)),
		Timeout:               awscdk.Duration_Seconds(jsii.Number(cmp.Or(f.Seconds, defaultSeconds))),
		Environment:           functionEnvironment(stack, s, r, f),
		EnvironmentEncryption: variables,
	}
	if s.Architecture == X86 {
		props.Architecture = awslambda.Architecture_X86_64()
	}
	if f.AtATime > 0 {
		// A schedule invokes the function again; a request inspects an upload itself.
		props.ReservedConcurrentExecutions = jsii.Number(f.AtATime)
		props.MaxEventAge = awscdk.Duration_Seconds(jsii.Number(60))
		props.RetryAttempts = jsii.Number(0)
	}
	if network != nil && f.CallsBureau() {
		props.Vpc = network
		props.VpcSubnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
		role.AddToPolicy(newStatement(networkActions, "*"))
		suppress(role, "AwsSolutions-IAM5", "Lambda creates network interfaces in the VPC; these operations do not support resource-level permissions.")
	}
	return deployedFunction{Function: f, lambda: awslambda.NewFunction(stack, jsii.String("Function-"+f.Name), props), log: log}
}

// functionEnvironment returns the function's environment variables: those of its groups that have a value on AWS.
func functionEnvironment(stack awscdk.Stack, s Settings, r *records, f Function) *map[string]*string {
	users, domain := r.applicants, applicantDomain
	if f.reads(environ.StaffURL) {
		users, domain = r.staff, staffDomain
	}
	issuer, audiences := issuerOf(stack, s, users)
	pages := loginPages(stack, s, users, domain)
	all := map[environ.Name]*string{
		environ.Table:        r.table.TableName(),
		environ.KeysTable:    r.keys.TableName(),
		environ.Bucket:       r.evidence.BucketName(),
		environ.Uploads:      r.uploads.BucketName(),
		environ.StateMachine: jsii.String(aliasARN(stack, s)),
		environ.Retention:    jsii.String(setup.RetentionValue(s.Retention)),
		environ.KMSKey:       r.filings.KeyArn(),
		environ.KMSMACKey:    r.lookup.KeyArn(),

		environ.MailFrom:            jsii.String(s.Mail.From),
		environ.ProviderNameChinese: jsii.String(s.Provider.ChineseName),
		environ.ProviderNameEnglish: jsii.String(s.Provider.EnglishName),
		environ.PortalURL:           jsii.String(s.origin()),
		environ.StaffURL:            jsii.String(s.staffOrigin()),
		environ.PaperAddress:        jsii.String(s.Provider.PaperAddress),

		environ.IssuerURL: &issuer, environ.IssuerClient: &audiences[0], environ.IssuerPages: &pages,

		environ.BureauProvider: jsii.String(strconv.FormatInt(s.Bureau.Provider, 10)),
	}
	if s.Bureau.Kind == Manual {
		all[environ.Bureau] = jsii.String(environ.Manual)
	} else {
		all[environ.BureauUpDownLoad], all[environ.BureauStatus], all[environ.BureauVerifyPassword] = &s.Bureau.UpDownLoad, &s.Bureau.Status, &s.Bureau.VerifyPassword
	}
	if text := s.Limits.Text(); text != "" {
		all[environ.Limits] = jsii.String(text)
	}
	if text := s.Agencies.Text(); text != "" {
		all[environ.Agencies] = jsii.String(text)
	}
	if text := s.SiteWatch.Text(); text != "" {
		all[environ.SiteWatch] = jsii.String(text)
	}
	if s.PCUploads {
		all[environ.PCUploads] = jsii.String("true")
	}
	if s.OnlyAccess != "" {
		all[environ.OnlyAccess] = jsii.String(string(s.OnlyAccess))
	}
	if s.SecondReadings != nil {
		all[environ.SecondReadings] = jsii.String(s.SecondReadings.JSON())
	}
	if text := s.BureauTaskDays.JSON(); text != "" {
		all[environ.BureauTaskDays] = jsii.String(text)
	}
	if s.ReviewDays != 0 {
		all[environ.ReviewDays] = jsii.String(strconv.Itoa(int(s.ReviewDays)))
	}
	if s.Bureau.Characters != gbk.GBK {
		all[environ.BureauCharacters] = jsii.String(string(s.Bureau.Characters))
	}
	if s.Bureau.SendsPlain {
		all[environ.BureauSendsPlain] = jsii.String("true")
	}
	if s.Provider.SupportPhone != "" {
		all[environ.SupportPhone] = jsii.String(s.Provider.SupportPhone)
	}
	if l := s.Liveness; l != nil {
		all[environ.LivenessName], all[environ.LivenessEndpoint], all[environ.LivenessKey] = &l.Name, &l.Endpoint, &l.Key
	}
	if s.Domains.Lookups != domains.Public {
		all[environ.DomainLookups] = jsii.String(string(s.Domains.Lookups))
	}
	if r := s.Domains.Registrar; r != nil {
		all[environ.RegistrarName], all[environ.RegistrarEndpoint], all[environ.RegistrarKey] = &r.Name, &r.Endpoint, &r.Key
	}
	if s.hasMailRegion() {
		all[environ.MailRegion] = jsii.String(s.mailRegion())
	}
	if m := s.Mail.SMTP; m != nil {
		all[environ.SMTPURL] = jsii.String(m.relay().URL())
	}
	if s.SMS.Region != "" {
		all[environ.SMSRegion] = &s.SMS.Region
	}
	if s.SMS.Kind == HTTPS {
		all[environ.CarrierName], all[environ.CarrierEndpoint], all[environ.CarrierKey] = &s.SMS.Name, &s.SMS.Endpoint, &s.SMS.Key
	}
	for name, value := range r.secrets {
		all[name] = value
	}
	chosen := map[string]*string{}
	for name, value := range all {
		if f.reads(name) {
			chosen[string(name)] = value
		}
	}
	return &chosen
}
