package stack

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"beian/shared/setup/environ"
)

// secrets are the secret values of variables, as CloudFormation references: they are in no
// template. The stack makes the secrets; the operator fills them in.
type secrets map[environ.Name]*string

// unset are the bureau's secrets until the operator puts the real ones in. They have the form that the interface asks
// for, so that everything starts and the bureau refuses.
var unset = map[string]string{"user": "unset", "password": "unset", "key": "unset-unset-unse", "iv": "unset-unset-unse"}

func newSecrets(stack awscdk.Stack, s Settings) secrets {
	all := secrets{}
	sms := s.secret("sms")
	made := awssecretsmanager.NewSecret(stack, jsii.String("SecretSMS"), &awssecretsmanager.SecretProps{
		SecretName:  jsii.String(sms),
		Description: jsii.String("signs SMS replies; while it changes: new,old"),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			SecretStringTemplate: jsii.String("{}"), GenerateStringKey: jsii.String("active"),
			PasswordLength: jsii.Number(48), ExcludePunctuation: jsii.Bool(true),
		},
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	suppress(made, "AwsSolutions-SMG4", "The SMS carrier has to be told of a new secret by people; two are good at a time meanwhile.")
	all[environ.SMSSecrets] = reference(sms, "active")

	fill := func(id, name, description string, fields map[string]string) {
		doc, err := json.Marshal(fields)
		if err != nil {
			panic(err) // a map of text always marshals
		}
		one := awssecretsmanager.NewSecret(stack, jsii.String(id), &awssecretsmanager.SecretProps{
			SecretName:        jsii.String(name),
			Description:       jsii.String(description),
			SecretStringValue: awscdk.SecretValue_UnsafePlainText(jsii.String(string(doc))),
			RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		})
		suppress(one, "AwsSolutions-SMG4", "Issued by somebody else, who changes it with notice and not by an interface.")
	}
	bureau := s.secret("bureau")
	fill("SecretBureau", bureau, "what the bureau issued (MIIT-IF30): user, password, key, iv", unset)
	all[environ.BureauUser] = reference(bureau, "user")
	all[environ.BureauPassword] = reference(bureau, "password")
	all[environ.BureauKey] = reference(bureau, "key")
	all[environ.BureauIV] = reference(bureau, "iv")
	if s.Liveness != nil {
		name := s.secret("liveness")
		fill("SecretLiveness", name, "the liveness provider's secret: secret", map[string]string{"secret": "unset"})
		all[environ.LivenessSecret] = reference(name, "secret")
	}
	if s.SMS.Kind == HTTPS {
		name := s.secret("carrier")
		fill("SecretCarrier", name, "the SMS carrier's secret: secret", map[string]string{"secret": "unset"})
		all[environ.CarrierSecret] = reference(name, "secret")
	}
	return all
}

func (s Settings) secret(what string) string { return "beian/" + s.Name + "/" + what }

// reference is a field of a secret, which CloudFormation fills in when it deploys.
func reference(name, field string) *string {
	return jsii.String("{{resolve:secretsmanager:" + name + ":SecretString:" + field + "}}")
}
