package scenario

import (
	"fmt"
	"maps"
	"strings"
)

// AsApp returns the application for an app, a mini program or a quick app (kind is the name in the API) in place of the site. An app and a quick app
// use the domain of the site; a mini program uses none.
func (a Application) AsApp(kind string) Application {
	a.Open, a.Details.Sites = maps.Clone(a.Open), []map[string]any{maps.Clone(a.Details.Sites[0])}
	a.Open["serviceKind"] = kind
	site := a.Details.Sites[0]
	delete(site, "languages")
	delete(site, "homeUrl")
	site["serviceContent"] = []int{24}
	domains, _ := a.Open["domains"].([]string)
	if read, isRead := a.Open["domains"].([]any); isRead { // from JSON
		domains = []string{fmt.Sprint(read[0])}
	}
	switch kind {
	case "app":
		key := strings.Repeat("0123456789abcdef", 32)
		site["app"] = map[string]any{"hosts": []string{"api." + domains[0]}, "platforms": []map[string]any{
			{"system": "android", "package": "cn.example.notes", "publicKey": key, "fingerprint": strings.Repeat("0a:", 15) + "0a"},
			{"system": "ios", "package": "cn.example.notes", "publicKey": key, "fingerprint": strings.Repeat("0b", 20)},
		}}
	case "mini-program":
		delete(a.Open, "domains")
		delete(site, "domains")
		site["app"] = map[string]any{"platforms": []map[string]any{{"system": "wechat", "package": "wx0123456789abcdef"}}}
	case "quick-app":
		site["app"] = map[string]any{"platforms": []map[string]any{{"system": "huawei", "package": "cn.example.quicknotes"}}}
	}
	return a
}
