package stack

import (
	"cmp"
	"net/url"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"beian/shared/filing"
)

// identityOf returns the issuer of the tokens, their audiences, the portal's client first, and the origin of the log-in pages.
func identityOf(stack awscdk.Stack, s Settings, r *records) (issuer string, audiences []string, pages string) {
	if s.Identity.Kind == OIDC {
		return s.Identity.Issuer, s.Identity.Audiences, cmp.Or(s.Identity.Pages, originOf(s.Identity.Issuer))
	}
	region, suffix := *stack.Region(), *stack.UrlSuffix()
	return "https://cognito-idp." + region + "." + suffix + "/" + *r.users.UserPoolId(), []string{*r.client.UserPoolClientId()},
		"https://" + loginDomain(stack, s) + ".auth." + region + ".amazoncognito.com"
}

// loginDomain returns the prefix of the host of Cognito's log-in pages.
func loginDomain(stack awscdk.Stack, s Settings) string {
	return *awscdk.Fn_Join(jsii.String("-"), jsii.Strings("beian", s.Name, *stack.Account()))
}

// originOf returns scheme and host of a URL, which [Settings.Problems] has checked.
func originOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// newUsers adds the user pool for a provider without an identity provider. The provider creates the accounts and puts each into
// a group; a token without a group has no permissions.
func newUsers(stack awscdk.Stack, s Settings) (awscognito.UserPool, awscognito.UserPoolClient) {
	pool := awscognito.NewUserPool(stack, jsii.String("Users"), &awscognito.UserPoolProps{
		UserPoolName:      jsii.String("beian-" + s.Name),
		SelfSignUpEnabled: jsii.Bool(false),
		SignInAliases:     &awscognito.SignInAliases{Email: jsii.Bool(true)},
		AccountRecovery:   awscognito.AccountRecovery_EMAIL_ONLY,
		FeaturePlan:       awscognito.FeaturePlan_ESSENTIALS,
		Mfa:               awscognito.Mfa_REQUIRED,
		MfaSecondFactor:   &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)},
		PasswordPolicy: &awscognito.PasswordPolicy{
			MinLength: jsii.Number(12), RequireDigits: jsii.Bool(true), RequireLowercase: jsii.Bool(true),
			RequireUppercase: jsii.Bool(true), RequireSymbols: jsii.Bool(true), TempPasswordValidity: awscdk.Duration_Days(jsii.Number(3)),
		},
		DeletionProtection: jsii.Bool(true),
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
	})
	suppress(pool, "AwsSolutions-COG8", "Beian does not need the feature plan Plus; the operator may choose it.")
	for _, group := range []filing.Role{filing.Applicant, filing.Reviewer, filing.Admin} {
		awscognito.NewCfnUserPoolGroup(stack, jsii.String("Group-"+string(group)), &awscognito.CfnUserPoolGroupProps{
			UserPoolId: pool.UserPoolId(), GroupName: jsii.String(string(group)),
		})
	}
	pool.AddDomain(jsii.String("Login"), &awscognito.UserPoolDomainOptions{
		CognitoDomain: &awscognito.CognitoDomainOptions{
			DomainPrefix: jsii.String(loginDomain(stack, s)),
		},
	})
	client := pool.AddClient(jsii.String("Portal"), &awscognito.UserPoolClientOptions{
		AuthFlows: &awscognito.AuthFlow{UserSrp: jsii.Bool(true)},
		OAuth: &awscognito.OAuthSettings{
			Flows:        &awscognito.OAuthFlows{AuthorizationCodeGrant: jsii.Bool(true)},
			Scopes:       &[]awscognito.OAuthScope{awscognito.OAuthScope_OPENID(), awscognito.OAuthScope_EMAIL(), awscognito.OAuthScope_PHONE()},
			CallbackUrls: jsii.Strings(s.origin() + "/callback"),
			LogoutUrls:   jsii.Strings(s.origin() + "/"),
		},
		PreventUserExistenceErrors: jsii.Bool(true),
		IdTokenValidity:            awscdk.Duration_Hours(jsii.Number(1)),
		AccessTokenValidity:        awscdk.Duration_Hours(jsii.Number(1)),
		RefreshTokenValidity:       awscdk.Duration_Days(jsii.Number(1)),
	})
	addOutput(stack, "UserPool", pool.UserPoolId(), "user pool of applicants and staff")
	addOutput(stack, "UserPoolClient", client.UserPoolClientId(), "client id of the portal: the audience of the tokens")
	return pool, client
}
