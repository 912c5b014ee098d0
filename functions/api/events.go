package api

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/process/event"
	"beian/shared/rules/fault"
	"beian/shared/web"
)

// An EventType is a type of event that endpoints can get.
type EventType struct {
	Type        event.Type `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Schema      string     `json:"schema" doc:"path of the JSON Schema of its data"`
}

type eventTypeInput struct {
	Type string `path:"type" maxLength:"64" doc:"a type of GET /events/schemas"`
}

type eventSchemaOutput struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

// registerEvents registers the schemas of events, and describes the requests with which endpoints get them.
func (a operations) registerEvents() {
	const tag = "Events"
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /events/schemas", Tag: tag, Summary: "List the types of events",
		Description: "Events are sent to the endpoints that the provider entered, as CloudEvents 1.0 in JSON. The section webhooks of this document describes the requests."},
		func(context.Context, *web.Call, *noInput) (*listResult[EventType], error) {
			var list []EventType
			for _, t := range event.Types {
				list = append(list, eventTypeOf(t))
			}
			return newList(list)
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /events/schemas/{type}", Tag: tag, Summary: "Read the JSON Schema of the data of a type of event",
		Description: "Draft 2020-12. The attribute dataschema of an event is this address. An unknown type is answered with 404."},
		func(_ context.Context, _ *web.Call, in *eventTypeInput) (*eventSchemaOutput, error) {
			schema, ok := event.Schema(event.Type(in.Type))
			if !ok {
				return nil, fault.New(fault.NotFound, "没有这种事件。", "There is no such type of event.")
			}
			return &eventSchemaOutput{"application/schema+json", "public, max-age=3600", schema}, nil
		})
	a.DescribeContent("/events/schemas/{type}", map[string]*huma.MediaType{"application/schema+json": {Schema: &huma.Schema{Type: huma.TypeObject}}})
	a.Describe(func(d *huma.OpenAPI) {
		d.Webhooks = map[string]*huma.PathItem{}
		for _, t := range event.Types {
			d.Webhooks[string(t)] = &huma.PathItem{Post: eventRequest(t)}
		}
	})
}

func eventTypeOf(t event.Type) EventType {
	schema, _ := event.Schema(t)
	var words struct{ Title, Description string }
	if err := json.Unmarshal(schema, &words); err != nil {
		panic(err) // the embedded schemas are tested
	}
	return EventType{t, words.Title, words.Description, web.Prefix + "/events/schemas/" + string(t)}
}

// eventRequest describes the request with which an endpoint gets events of a type.
func eventRequest(t event.Type) *huma.Operation {
	about := eventTypeOf(t)
	text := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Description: description}
	}
	attributes := map[string]*huma.Schema{
		"specversion": {Type: huma.TypeString, Enum: []any{"1.0"}}, "id": text("the same in each attempt"), "source": text("address of the API"),
		"type": {Type: huma.TypeString, Enum: []any{string(t)}}, "subject": text("path in the API of what the event is about"), "time": {Type: huma.TypeString, Format: "date-time"},
		"datacontenttype": {Type: huma.TypeString, Enum: []any{"application/json"}}, "dataschema": text("address of the JSON Schema of data"),
		"data": {Type: huma.TypeObject, Description: "as in " + about.Schema},
	}
	required := slices.Sorted(maps.Keys(attributes))
	attributes["sequence"] = text("number of the order's decision or the filing's version; later ones are greater, also as text")
	header := func(name, description string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: description, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return &huma.Operation{
		OperationID: "on-" + string(t), Summary: about.Title, Description: about.Description + " Signed after the Standard Webhooks specification.", Tags: []string{"Events"},
		Parameters: []*huma.Param{header("webhook-id", "the event's id"), header("webhook-timestamp", "seconds since 1970"), header("webhook-signature", "v1,<base64>; for a day after a rotation two, separated by a space")},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{event.ContentType: {
			Schema: &huma.Schema{Type: huma.TypeObject, Properties: attributes, Required: required}}}},
		Responses: map[string]*huma.Response{
			"2XX": {Description: "The endpoint has the event."}, "410": {Description: "The endpoint wants no more events, and is disabled."},
			"default": {Description: "The event is sent again, for three days; Retry-After is respected up to a day."},
		},
	}
}
