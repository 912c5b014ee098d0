package cloud

import (
	"errors"

	"beian/infra/local/cloudformation"
)

// made is what the stacks of an account have made, by type.
type made struct {
	apis              shelf[API]
	authorizers       shelf[Authorizer]
	integrations      shelf[Integration]
	routes            shelf[Route]
	stages            shelf[Stage]
	userPools         shelf[UserPool]
	userPoolClients   shelf[UserPoolClient]
	userPoolDomains   shelf[UserPoolDomain]
	userPoolGroups    shelf[UserPoolGroup]
	tables            shelf[Table]
	roles             shelf[Role]
	policies          shelf[policy]
	managed           shelf[managedPolicy]
	keys              shelf[Key]
	aliases           shelf[alias]
	functions         shelf[Function]
	permissions       shelf[Permission]
	mappings          shelf[Mapping]
	invokeConfigs     shelf[InvokeConfig]
	buckets           shelf[Bucket]
	bucketPolicies    shelf[bucketPolicy]
	mailIdentities    shelf[MailIdentity]
	configurationSets shelf[ConfigurationSet]
	eventDestinations shelf[eventDestination]
	topics            shelf[Topic]
	topicPolicies     shelf[topicPolicy]
	queues            shelf[Queue]
	queuePolicies     shelf[queuePolicy]
	parameters        shelf[Parameter]
	schedules         shelf[Schedule]
	secrets           shelf[Secret]
	machines          shelf[Machine]
	versions          shelf[MachineVersion]
	machineAliases    shelf[MachineAlias]

	logGroups, metricFilters, alarms, dashboards, subscriptions, repositories shelf[map[string]any]
}

// close ends what listens.
func (m *made) close() (err error) {
	for _, api := range m.apis.list() {
		err = errors.Join(err, api.server.Close())
	}
	return err
}

// handlers are what makes the resources of each type that is known here.
func (a *Account) handlers() map[string]cloudformation.Handler {
	return map[string]cloudformation.Handler{
		"AWS::ApiGatewayV2::Api":                     a.apiHandler(),
		"AWS::ApiGatewayV2::Authorizer":              a.authorizerHandler(),
		"AWS::ApiGatewayV2::Integration":             a.integrationHandler(),
		"AWS::ApiGatewayV2::Route":                   a.routeHandler(),
		"AWS::ApiGatewayV2::Stage":                   a.stageHandler(),
		"AWS::CloudWatch::Alarm":                     a.alarmHandler(),
		"AWS::CloudWatch::Dashboard":                 a.dashboardHandler(),
		"AWS::Cognito::UserPool":                     a.userPoolHandler(),
		"AWS::Cognito::UserPoolClient":               a.userPoolClientHandler(),
		"AWS::Cognito::UserPoolDomain":               a.userPoolDomainHandler(),
		"AWS::Cognito::UserPoolGroup":                a.userPoolGroupHandler(),
		"AWS::DynamoDB::Table":                       a.tableHandler(),
		"AWS::ECR::Repository":                       a.repositoryHandler(),
		"AWS::IAM::ManagedPolicy":                    a.managedPolicyHandler(),
		"AWS::IAM::Policy":                           a.policyHandler(),
		"AWS::IAM::Role":                             a.roleHandler(),
		"AWS::KMS::Alias":                            a.aliasHandler(),
		"AWS::KMS::Key":                              a.keyHandler(),
		"AWS::Lambda::EventInvokeConfig":             a.invokeConfigHandler(),
		"AWS::Lambda::EventSourceMapping":            a.mappingHandler(),
		"AWS::Lambda::Function":                      a.functionHandler(),
		"AWS::Lambda::Permission":                    a.permissionHandler(),
		"AWS::Logs::LogGroup":                        a.logGroupHandler(),
		"AWS::Logs::MetricFilter":                    a.metricFilterHandler(),
		"AWS::S3::Bucket":                            a.bucketHandler(),
		"AWS::S3::BucketPolicy":                      a.bucketPolicyHandler(),
		"AWS::SES::ConfigurationSet":                 a.configurationSetHandler(),
		"AWS::SES::ConfigurationSetEventDestination": a.eventDestinationHandler(),
		"AWS::SES::EmailIdentity":                    a.mailIdentityHandler(),
		"AWS::SNS::Subscription":                     a.subscriptionHandler(),
		"AWS::SNS::Topic":                            a.topicHandler(),
		"AWS::SNS::TopicPolicy":                      a.topicPolicyHandler(),
		"AWS::SQS::Queue":                            a.queueHandler(),
		"AWS::SQS::QueuePolicy":                      a.queuePolicyHandler(),
		"AWS::SSM::Parameter":                        a.parameterHandler(),
		"AWS::Scheduler::Schedule":                   a.scheduleHandler(),
		"AWS::SecretsManager::Secret":                a.secretHandler(),
		"AWS::StepFunctions::StateMachine":           a.machineHandler(),
		"AWS::StepFunctions::StateMachineAlias":      a.machineAliasHandler(),
		"AWS::StepFunctions::StateMachineVersion":    a.machineVersionHandler(),
	}
}
