package stack

import (
	"cmp"
	"net/mail"
	"net/url"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"beian/functions/staff"
	"beian/shared/filing"
)

// issuerOf returns the issuer of the tokens of a user pool, and their audiences; of the provider's own issuer if users is nil.
func issuerOf(stack awscdk.Stack, s Settings, users *userPool) (issuer string, audiences []string) {
	if users == nil {
		return s.Identity.Issuer, s.Identity.Audiences
	}
	return "https://cognito-idp." + *stack.Region() + "." + *stack.UrlSuffix() + "/" + *users.pool.UserPoolId(), []string{*users.client.UserPoolClientId()}
}

// loginPages returns the origin of the log-in pages of a user pool, whose domain begins with a prefix; nil is the provider's own issuer.
func loginPages(stack awscdk.Stack, s Settings, users *userPool, prefix string) string {
	if users == nil {
		return cmp.Or(s.Identity.Pages, originOf(s.Identity.Issuer))
	}
	return "https://" + *loginDomain(stack, s, prefix) + ".auth." + *stack.Region() + ".amazoncognito.com"
}

// Prefixes of the names of the domains of log-in pages.
const (
	applicantDomain = "beian-login"
	staffDomain     = "beian"
)

// loginDomain returns the name of the domain of log-in pages. It is unique in the Region.
func loginDomain(stack awscdk.Stack, s Settings, prefix string) *string {
	return awscdk.Fn_Join(jsii.String("-"), jsii.Strings(prefix, s.Name, *stack.Account()))
}

// originOf returns scheme and host of a URL, which [Settings.problems] has checked.
func originOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// A userPool is a Cognito user pool with the client for which it issues tokens.
type userPool struct {
	pool   awscognito.UserPool
	client awscognito.UserPoolClient
}

// passwords is the password policy of both pools. Applicants need a password once, because managed login asks for one at the registration.
var passwords = &awscognito.PasswordPolicy{
	MinLength: jsii.Number(12), RequireDigits: jsii.Bool(true), RequireLowercase: jsii.Bool(true),
	RequireUppercase: jsii.Bool(true), RequireSymbols: jsii.Bool(true), TempPasswordValidity: awscdk.Duration_Days(jsii.Number(3)),
}

// newStaffUsers adds the user pool of reviewers and operators. The provider creates the accounts and puts each into a group. A login needs a
// password and the code of an authenticator app.
func newStaffUsers(stack awscdk.Stack, s Settings) *userPool {
	pool := awscognito.NewUserPool(stack, jsii.String("Users"), &awscognito.UserPoolProps{
		UserPoolName:       jsii.String("beian-" + s.Name),
		SelfSignUpEnabled:  jsii.Bool(false),
		SignInAliases:      &awscognito.SignInAliases{Email: jsii.Bool(true)},
		AccountRecovery:    awscognito.AccountRecovery_EMAIL_ONLY,
		FeaturePlan:        awscognito.FeaturePlan_ESSENTIALS,
		Mfa:                awscognito.Mfa_REQUIRED,
		MfaSecondFactor:    &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)},
		PasswordPolicy:     passwords,
		DeletionProtection: jsii.Bool(true),
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
	})
	suppressThreatProtection(pool)
	for _, group := range []filing.Role{filing.Reviewer, filing.Admin} {
		awscognito.NewCfnUserPoolGroup(stack, jsii.String("Group-"+string(group)), &awscognito.CfnUserPoolGroupProps{
			UserPoolId: pool.UserPoolId(), GroupName: jsii.String(string(group)),
		})
	}
	addLoginDomain(stack, s, pool, staffDomain, awscognito.ManagedLoginVersion_CLASSIC_HOSTED_UI)
	client := pool.AddClient(jsii.String("Portal"), clientOptions(s.staffOrigin()+staff.Prefix+"/callback", s.staffOrigin()+staff.Prefix+"/", &awscognito.AuthFlow{UserSrp: jsii.Bool(true)}))
	addOutput(stack, "StaffPool", pool.UserPoolId(), "user pool of staff")
	addOutput(stack, "StaffClient", client.UserPoolClientId(), "client id of staff: the audience of their tokens")
	return &userPool{pool, client}
}

// newApplicantUsers adds the user pool of applicants, who register themselves and log in with a one-time code by email, and by SMS if SNS is
// the carrier. It has no groups: its tokens give the role of an applicant and no other.
func newApplicantUsers(stack awscdk.Stack, s Settings) *userPool {
	sms := s.SMS.Kind == SNS
	props := &awscognito.UserPoolProps{
		UserPoolName:      jsii.String(s.resourceName("applicants")),
		SelfSignUpEnabled: jsii.Bool(true),
		SignInAliases:     &awscognito.SignInAliases{Email: jsii.Bool(true), Phone: jsii.Bool(sms)},
		AutoVerify:        &awscognito.AutoVerifiedAttrs{Email: jsii.Bool(true), Phone: jsii.Bool(sms)},
		SignInPolicy: &awscognito.SignInPolicy{AllowedFirstAuthFactors: &awscognito.AllowedFirstAuthFactors{
			Password: jsii.Bool(true), EmailOtp: jsii.Bool(true), SmsOtp: jsii.Bool(sms), // Cognito demands the password
		}},
		UserVerification: &awscognito.UserVerificationConfig{
			EmailSubject: jsii.String("【备案】验证码 / Beian: your code"),
			EmailBody:    jsii.String("【备案】您的验证码是 {####}。请勿告诉他人。<br>Beian: your code is {####}. Do not share it."),
			EmailStyle:   awscognito.VerificationEmailStyle_CODE,
			SmsMessage:   jsii.String("【备案】您的验证码是 {####}。请勿告诉他人。"),
		},
		AccountRecovery:    awscognito.AccountRecovery_NONE, // who forgot the password logs in with a code
		FeaturePlan:        awscognito.FeaturePlan_ESSENTIALS,
		Mfa:                awscognito.Mfa_OFF,
		PasswordPolicy:     passwords,
		DeletionProtection: jsii.Bool(true),
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
	}
	if sms {
		props.MfaMessage = jsii.String("【备案】您的登录验证码是 {####}。请勿告诉他人。") // of log-in codes too
		props.SnsRegion = jsii.String(s.smsRegion())
	}
	if s.Identity.Sender == SenderSES {
		props.Email = awscognito.UserPoolEmail_WithSES(s.sesOptions())
	}
	pool := awscognito.NewUserPool(stack, jsii.String("Applicants"), props)
	suppressThreatProtection(pool)
	suppress(pool, "AwsSolutions-COG2", "Cognito has no codes as the first factor in a pool with required MFA. See ADR 38.")
	if sms {
		suppress(pool, "AwsSolutions-IAM5", "Cognito sends SMS to any number: a phone has no ARN.")
	}
	addLoginDomain(stack, s, pool, applicantDomain, awscognito.ManagedLoginVersion_NEWER_MANAGED_LOGIN)
	options := clientOptions(s.origin()+"/callback", s.origin()+"/", &awscognito.AuthFlow{User: jsii.Bool(true)})
	options.AuthSessionValidity = awscdk.Duration_Minutes(jsii.Number(5)) // to enter the code
	client := pool.AddClient(jsii.String("Portal"), options)
	awscognito.NewCfnManagedLoginBranding(stack, jsii.String("LoginPages"), &awscognito.CfnManagedLoginBrandingProps{
		UserPoolId: pool.UserPoolId(), ClientId: client.UserPoolClientId(), UseCognitoProvidedValues: jsii.Bool(true),
	})
	addOutput(stack, "ApplicantPool", pool.UserPoolId(), "user pool of applicants")
	addOutput(stack, "ApplicantClient", client.UserPoolClientId(), "client id of the portal: the audience of applicants' tokens")
	return &userPool{pool, client}
}

// suppressThreatProtection exempts a pool from the feature plan Plus.
func suppressThreatProtection(pool awscognito.UserPool) {
	suppress(pool, "AwsSolutions-COG8", "Beian does not need the feature plan Plus; the operator may choose it.")
}

// addLoginDomain adds the domain of a pool's login pages.
func addLoginDomain(stack awscdk.Stack, s Settings, pool awscognito.UserPool, prefix string, pages awscognito.ManagedLoginVersion) {
	options := &awscognito.UserPoolDomainOptions{CognitoDomain: &awscognito.CognitoDomainOptions{
		DomainPrefix: loginDomain(stack, s, prefix),
	}}
	if pages != awscognito.ManagedLoginVersion_CLASSIC_HOSTED_UI {
		options.ManagedLoginVersion = pages
	}
	pool.AddDomain(jsii.String("Login"), options)
}

// clientOptions returns the options of a public client, which logs in by the authorization code flow.
func clientOptions(callback, logout string, flows *awscognito.AuthFlow) *awscognito.UserPoolClientOptions {
	return &awscognito.UserPoolClientOptions{
		AuthFlows: flows,
		OAuth: &awscognito.OAuthSettings{
			Flows:        &awscognito.OAuthFlows{AuthorizationCodeGrant: jsii.Bool(true)},
			Scopes:       &[]awscognito.OAuthScope{awscognito.OAuthScope_OPENID(), awscognito.OAuthScope_EMAIL(), awscognito.OAuthScope_PHONE()},
			CallbackUrls: jsii.Strings(callback),
			LogoutUrls:   jsii.Strings(logout),
		},
		PreventUserExistenceErrors: jsii.Bool(true),
		IdTokenValidity:            awscdk.Duration_Hours(jsii.Number(1)),
		AccessTokenValidity:        awscdk.Duration_Hours(jsii.Number(1)),
		RefreshTokenValidity:       awscdk.Duration_Days(jsii.Number(1)),
	}
}

// sesOptions returns the sender of Cognito's email to applicants: that of the environment.
func (s Settings) sesOptions() *awscognito.UserPoolSESOptions {
	from, err := mail.ParseAddress(s.Mail.From)
	if err != nil {
		panic("stack: mail.from was not checked: " + err.Error())
	}
	options := &awscognito.UserPoolSESOptions{
		FromEmail: jsii.String(from.Address), SesVerifiedDomain: jsii.String(s.mailDomain()), SesRegion: jsii.String(s.mailRegion()),
		ConfigurationSetName: jsii.String(s.configurationSet()),
	}
	if from.Name != "" {
		options.FromName = jsii.String(from.Name)
	}
	return options
}
