package number

import (
	"strings"

	"beian/shared/rules/finding"
)

// A Service is the kind of service that a running number counts. All services of a subject share one sequence.
type Service string

// The services, by the letter after their running number (HW-APPNO).
const (
	Site        Service = ""
	App         Service = "A"
	MiniProgram Service = "X"
	QuickApp    Service = "K"
)

var services = map[Service]struct {
	name  string
	words finding.Words
}{
	Site:        {"site", finding.Words{Chinese: "网站", English: "site"}},
	App:         {"app", finding.Words{Chinese: "APP", English: "app"}},
	MiniProgram: {"mini-program", finding.Words{Chinese: "小程序", English: "mini program"}},
	QuickApp:    {"quick-app", finding.Words{Chinese: "快应用", English: "quick app"}},
}

// Name returns the name of the kind in JSON: "site", "app", "mini-program" or "quick-app".
func (s Service) Name() string { return services[s].name }

// Words returns the name of the kind in both languages: 小程序, mini program.
func (s Service) Words() finding.Words { return services[s].words }

// Services lists the kinds, in the order of their names in the ministry's console.
var Services = []Service{Site, App, MiniProgram, QuickApp}

// ParseService returns the kind with a name as [Service.Name] has it, or with its Chinese name, in any case of letters; "" is [Site]. It returns
// false for other texts.
func ParseService(text string) (Service, bool) {
	text = strings.TrimSpace(text)
	for _, s := range Services {
		if text == "" || strings.EqualFold(text, s.Name()) || strings.EqualFold(text, s.Words().Chinese) {
			return s, true
		}
	}
	return Site, false
}
