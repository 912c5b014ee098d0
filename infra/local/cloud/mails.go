package cloud

import (
	"fmt"

	"beian/infra/local/cloudformation"

	"github.com/google/uuid"
)

// A MailIdentity is a sender of SES: a domain.
type MailIdentity struct {
	EmailIdentity              string
	ConfigurationSetAttributes struct{ ConfigurationSetName string }
	FeedbackAttributes         struct{ EmailForwardingEnabled bool }
	Tags                       []tag
}

func (a *Account) mailIdentityHandler() cloudformation.Handler {
	return handler(&a.made.mailIdentities, maker[MailIdentity]{
		createOnly: []string{"EmailIdentity"},
		name:       func(_ cloudformation.Request, m MailIdentity) string { return m.EmailIdentity },
		attributes: func(id string, _ MailIdentity) map[string]any {
			all := map[string]any{}
			for n := 1; n <= 3; n++ {
				token := fmt.Sprintf("token%d", n)
				all[fmt.Sprintf("DkimDNSTokenName%d", n)] = token + "._domainkey." + id
				all[fmt.Sprintf("DkimDNSTokenValue%d", n)] = token + ".dkim.amazonses.com"
			}
			return all
		},
		check: func(m MailIdentity) error {
			if err := a.checkConfigurationSet(m.ConfigurationSetAttributes.ConfigurationSetName); err != nil {
				return err
			}
			return required("EmailIdentity", m.EmailIdentity)
		},
	})
}

// A ConfigurationSet is how SES sends and counts.
type ConfigurationSet struct {
	Name               string
	DeliveryOptions    struct{ TlsPolicy string }
	ReputationOptions  struct{ ReputationMetricsEnabled bool }
	SuppressionOptions struct{ SuppressedReasons []string }
	Tags               []tag
}

func (a *Account) configurationSetHandler() cloudformation.Handler {
	return handler(&a.made.configurationSets, maker[ConfigurationSet]{
		createOnly: []string{"Name"},
		name:       named(func(c ConfigurationSet) string { return c.Name }, 64),
	})
}

func (a *Account) checkConfigurationSet(name string) error {
	if _, is := a.made.configurationSets.get(name); !is {
		return fmt.Errorf("the configuration set %q does not exist", name)
	}
	return nil
}

type eventDestination struct {
	ConfigurationSetName string
	EventDestination     struct {
		Name                  string
		Enabled               bool
		MatchingEventTypes    []string
		CloudWatchDestination struct {
			DimensionConfigurations []struct{ DefaultDimensionValue, DimensionName, DimensionValueSource string }
		}
	}
}

func (a *Account) eventDestinationHandler() cloudformation.Handler {
	return handler(&a.made.eventDestinations, maker[eventDestination]{
		createOnly: []string{"ConfigurationSetName"},
		name:       func(cloudformation.Request, eventDestination) string { return uuid.NewString() },
		check:      func(d eventDestination) error { return a.checkConfigurationSet(d.ConfigurationSetName) },
	})
}
