package cloud

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"

	"beian/infra/local/cloudformation"
)

// A UserPool is where people log in, of Cognito.
type UserPool struct {
	UserPoolName, UserPoolTier, DeletionProtection, MfaConfiguration           string
	EmailVerificationMessage, EmailVerificationSubject, SmsVerificationMessage string
	AutoVerifiedAttributes, EnabledMfas, UsernameAttributes                    []string
	AdminCreateUserConfig                                                      struct{ AllowAdminCreateUserOnly bool }
	AccountRecoverySetting                                                     struct {
		RecoveryMechanisms []struct {
			Name     string
			Priority int
		}
	}
	Policies struct {
		PasswordPolicy struct {
			MinimumLength, TemporaryPasswordValidityDays                       int
			RequireLowercase, RequireNumbers, RequireSymbols, RequireUppercase bool
		}
	}
	VerificationMessageTemplate struct{ DefaultEmailOption, EmailMessage, EmailSubject, SmsMessage string }
	UserPoolTags                map[string]string

	key *rsa.PrivateKey // signs tokens
}

func (a *Account) userPoolHandler() cloudformation.Handler {
	return handler(&a.made.userPools, maker[UserPool]{
		createOnly: []string{"UsernameAttributes"},
		name:       func(cloudformation.Request, UserPool) string { return a.config.Region + "_" + rand.Text()[:9] },
		attributes: func(id string, _ UserPool) map[string]any {
			return map[string]any{"Arn": a.arn("cognito-idp", "userpool/"+id), "UserPoolId": id, "ProviderName": strings.TrimPrefix(a.issuer(id), "https://"), "ProviderURL": a.issuer(id)}
		},
		check: func(p UserPool) error { return required("UserPoolName", p.UserPoolName) },
		create: func(_ context.Context, _ string, p *UserPool) (err error) {
			p.key, err = rsa.GenerateKey(rand.Reader, 2048)
			return err
		},
		update: func(_ context.Context, _ string, old UserPool, p *UserPool) error {
			p.key = old.key
			return nil
		},
	})
}

// issuer is what a user pool's tokens name as their issuer.
func (a *Account) issuer(pool string) string {
	return "https://cognito-idp." + a.config.Region + "." + cloudformation.URLSuffix(a.config.Region) + "/" + pool
}

func (a *Account) checkUserPool(id string) error {
	if _, is := a.made.userPools.get(id); !is {
		return fmt.Errorf("the user pool %s does not exist", id)
	}
	return nil
}

// A UserPoolClient is a program that people log in by.
type UserPoolClient struct {
	UserPoolId, ClientName, PreventUserExistenceErrors         string
	AccessTokenValidity, IdTokenValidity, RefreshTokenValidity int
	TokenValidityUnits                                         struct{ AccessToken, IdToken, RefreshToken string }
	AllowedOAuthFlowsUserPoolClient                            bool
	AllowedOAuthFlows, AllowedOAuthScopes, CallbackURLs        []string
	LogoutURLs, ExplicitAuthFlows, SupportedIdentityProviders  []string
}

func (a *Account) userPoolClientHandler() cloudformation.Handler {
	return handler(&a.made.userPoolClients, maker[UserPoolClient]{
		createOnly: []string{"UserPoolId"},
		name:       func(cloudformation.Request, UserPoolClient) string { return strings.ToLower(rand.Text()) },
		attributes: func(id string, c UserPoolClient) map[string]any {
			return map[string]any{"ClientId": id, "Name": c.ClientName}
		},
		check: func(c UserPoolClient) error { return a.checkUserPool(c.UserPoolId) },
	})
}

// A UserPoolGroup is a group of people.
type UserPoolGroup struct{ UserPoolId, GroupName, Description string }

func (a *Account) userPoolGroupHandler() cloudformation.Handler {
	return handler(&a.made.userPoolGroups, maker[UserPoolGroup]{
		createOnly: []string{"UserPoolId", "GroupName"},
		name:       named(func(g UserPoolGroup) string { return g.GroupName }, 128),
		key:        func(id string, g UserPoolGroup) string { return g.UserPoolId + "/" + id },
		check:      func(g UserPoolGroup) error { return a.checkUserPool(g.UserPoolId) },
	})
}

// A UserPoolDomain is the address of a user pool's log-in page.
type UserPoolDomain struct{ UserPoolId, Domain string }

func (a *Account) userPoolDomainHandler() cloudformation.Handler {
	return handler(&a.made.userPoolDomains, maker[UserPoolDomain]{
		createOnly: []string{"UserPoolId", "Domain"},
		name:       func(_ cloudformation.Request, d UserPoolDomain) string { return d.Domain },
		check: func(d UserPoolDomain) error {
			if err := required("Domain", d.Domain); err != nil {
				return err
			}
			return a.checkUserPool(d.UserPoolId)
		},
	})
}
