package api

import (
	"net/http"
	"slices"
)

// PublicRoutes are the route keys ("GET /api/v1/provinces/{code}") that ask for no token, for whoever stands before the
// API and checks tokens: the operations that declare no role, the API's description, and the page to try it.
func (a *API) PublicRoutes() []string {
	keys := []string{"GET " + Prefix + "/docs", "GET " + Prefix + "/docs/{file}", "GET " + Prefix + "/openapi.json"}
	for path, item := range a.OpenAPI().Paths {
		if op := item.Get; op != nil && len(op.Security) == 0 {
			keys = append(keys, http.MethodGet+" "+Prefix+path)
		}
	}
	slices.Sort(keys)
	return keys
}
