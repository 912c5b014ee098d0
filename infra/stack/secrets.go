package stack

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"beian/shared/setup/environ"
)

// secrets are CloudFormation references to the values of secret variables, so templates contain no secrets. The stack creates the
// secrets; the operator sets their values.
type secrets map[environ.Name]*string

// placeholderSecrets are the bureau's secrets until the operator sets the real ones. They have the form that the interface requires,
// so the functions start; the bureau rejects them.
var placeholderSecrets = map[string]string{"user": "unset", "password": "unset", "key": "unset-unset-unse", "iv": "unset-unset-unse"}

// placeholderSecret is the secret of a partner until the operator sets the real one: "unset-unset-unset-unset-" in the form of package webhook.
var placeholderSecret = map[string]string{"secret": "whsec_dW5zZXQtdW5zZXQtdW5zZXQtdW5zZXQt"}

// punctuation is what generated secrets do not have.
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

func newSecrets(stack awscdk.Stack, s Settings) secrets {
	all := secrets{}
	generate := func(id, name, description, rotation string) *string {
		resource := awssecretsmanager.NewSecret(stack, jsii.String(id), &awssecretsmanager.SecretProps{
			SecretName:  jsii.String(name),
			Description: jsii.String(description + "; during a rotation: new,old"),
			GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
				SecretStringTemplate: jsii.String("{}"), GenerateStringKey: jsii.String("active"),
				// 48 letters and digits are 36 bytes in base64, which package webhook accepts without its prefix.
				PasswordLength: jsii.Number(48), ExcludeCharacters: jsii.String(punctuation),
			},
			RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		})
		suppress(resource, "AwsSolutions-SMG4", rotation+"; two secrets are valid during a rotation.")
		return secretReference(name, "active")
	}
	all[environ.SMSSecrets] = generate("SecretSMS", s.secret("sms"), "signs SMS replies", "The operator agrees on a new secret with the SMS carrier by hand")
	all[environ.AccessSecrets] = generate("SecretAccess", s.secret("access"), "signs questions whether a host may be served", "The operator gives a new secret to the machines by hand")

	add := func(id, name, description string, fields map[string]string) {
		doc, err := json.Marshal(fields)
		if err != nil {
			panic(err) // cannot happen: strings can be marshalled
		}
		one := awssecretsmanager.NewSecret(stack, jsii.String(id), &awssecretsmanager.SecretProps{
			SecretName:        jsii.String(name),
			Description:       jsii.String(description),
			SecretStringValue: awscdk.SecretValue_UnsafePlainText(jsii.String(string(doc))),
			RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		})
		suppress(one, "AwsSolutions-SMG4", "A third party issues this secret and has no interface for its rotation.")
	}
	if s.Bureau.Kind == Link {
		bureau := s.secret("bureau")
		add("SecretBureau", bureau, "issued by the bureau (MIIT-IF30): user, password, key, iv", placeholderSecrets)
		all[environ.BureauUser] = secretReference(bureau, "user")
		all[environ.BureauPassword] = secretReference(bureau, "password")
		all[environ.BureauKey] = secretReference(bureau, "key")
		all[environ.BureauIV] = secretReference(bureau, "iv")
	}
	if s.Liveness != nil {
		name := s.secret("liveness")
		add("SecretLiveness", name, "secret of the liveness provider, in the field secret", placeholderSecret)
		all[environ.LivenessSecret] = secretReference(name, "secret")
	}
	if s.Domains.Registrar != nil {
		name := s.secret("registrar")
		add("SecretRegistrar", name, "secret of the registrar system, in the field secret", placeholderSecret)
		all[environ.RegistrarSecret] = secretReference(name, "secret")
	}
	if !s.usesSES() {
		name := s.secret("mail")
		add("SecretMail", name, "password of the mail relay's user, in the field password", map[string]string{"password": "unset"})
		all[environ.BounceSecrets] = generate("SecretBounces", s.secret("bounces"), "signs bounces of the mail relay", "The operator gives a new secret to what reports bounces by hand")
		all[environ.SMTPPassword] = secretReference(name, "password")
	}
	if s.SMS.Kind == HTTPS {
		name := s.secret("carrier")
		add("SecretCarrier", name, "secret of the SMS carrier, in the field secret", placeholderSecret)
		all[environ.CarrierSecret] = secretReference(name, "secret")
	}
	return all
}

func (s Settings) secret(what string) string { return "beian/" + s.Name + "/" + what }

// secretReference returns a reference to a field of a secret, which CloudFormation resolves during deployment.
func secretReference(name, field string) *string {
	return jsii.String("{{resolve:secretsmanager:" + name + ":SecretString:" + field + "}}")
}
