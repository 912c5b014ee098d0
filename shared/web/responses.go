package web

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/rules/fault"
)

// A GatewayError is an error response of API Gateway, which answers some requests before a function is called.
type GatewayError struct {
	Message string `json:"message" doc:"in English only; show your users the words of the table in this document's description"`
}

// gatewayStatuses are the error statuses with which API Gateway answers itself.
var gatewayStatuses = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge,
	http.StatusTooManyRequests, http.StatusRequestHeaderFieldsTooLarge, http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// errorStatuses returns the statuses with which an operation may fail.
func (o Operation) errorStatuses() []int {
	statuses := append([]int{
		http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
		http.StatusRequestHeaderFieldsTooLarge, http.StatusInternalServerError, http.StatusServiceUnavailable,
	}, o.Errors...)
	method, route, _ := strings.Cut(o.Route, " ")
	if !o.Roles.public() {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden)
	}
	if strings.Contains(route, "{") {
		statuses = append(statuses, http.StatusNotFound)
	}
	if method != http.MethodGet {
		statuses = append(statuses, http.StatusConflict, http.StatusUnsupportedMediaType)
		if strings.HasPrefix(route, "/orders/{id}") {
			statuses = append(statuses, http.StatusPreconditionFailed)
		}
	}
	return statuses
}

// errorResponses returns references to the responses of the OpenAPI document for some statuses.
func errorResponses(statuses []int) map[string]*huma.Response {
	responses := map[string]*huma.Response{}
	for _, status := range statuses {
		responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + responseName(status)}
	}
	return responses
}

// responseName is the name of an error response in the OpenAPI document: "NotFound" for 404.
func responseName(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }

// sharedResponses returns the error responses of the OpenAPI document by name.
func sharedResponses(schemas huma.Registry) map[string]*huma.Response {
	problem, gateway := schemas.Schema(reflect.TypeFor[Problem](), true, ""), schemas.Schema(reflect.TypeFor[GatewayError](), true, "")
	responses := map[string]*huma.Response{}
	add := func(status int, description, contentType string, schema *huma.Schema) {
		name := responseName(status)
		if responses[name] == nil {
			responses[name] = &huma.Response{Description: description, Content: map[string]*huma.MediaType{}}
		}
		responses[name].Content[contentType] = &huma.MediaType{Schema: schema}
	}
	for _, class := range problemClasses {
		add(class.status, class.title.Chinese+" · "+class.title.English, problemType, problem)
	}
	add(wrongType.status, wrongType.title.Chinese+" · "+wrongType.title.English, problemType, problem)
	for _, status := range gatewayStatuses {
		add(status, http.StatusText(status), "application/json", gateway)
	}
	wait := &huma.Param{Description: "seconds to wait", Schema: &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9]+$"}}
	for _, status := range []int{fault.TooMany.Status(), fault.Unavailable.Status()} {
		responses[responseName(status)].Headers = map[string]*huma.Param{"Retry-After": wait}
	}
	return responses
}
