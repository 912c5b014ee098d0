package number

import "beian/shared/rules/finding"

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
