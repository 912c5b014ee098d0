package domainfacts

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed registrars.json
var registrarsFile []byte

// A registrar is a registrar (域名注册服务机构) with a licence of the ministry.
type registrar struct {
	IDs   []int    `json:"ids"`   // of IANA
	Names []string `json:"names"` // the beginnings of its names, in Chinese and English
}

// approvedRegistrar reports whether a registrar is on our list, by its number or the beginning of its name. The list is not complete, so
// that another registrar is only a warning.
func approvedRegistrar(name string, id int) bool {
	name = fold(name)
	return slices.ContainsFunc(registrars(), func(r registrar) bool {
		return id != 0 && slices.Contains(r.IDs, id) ||
			slices.ContainsFunc(r.Names, func(listed string) bool { return strings.HasPrefix(name, fold(listed)) })
	})
}

var registrars = sync.OnceValue(func() []registrar {
	var list struct {
		Source     string      `json:"source"`
		AsOf       string      `json:"asOf"`
		Registrars []registrar `json:"registrars"`
	}
	if err := json.Unmarshal(registrarsFile, &list); err != nil || len(list.Registrars) == 0 {
		panic(fmt.Errorf("registrars.json: %d registrars: %w", len(list.Registrars), err)) // embedded; this package's tests load it
	}
	return list.Registrars
})
