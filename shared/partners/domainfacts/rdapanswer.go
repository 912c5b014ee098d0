package domainfacts

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/domainfacts"
	"beian/shared/rules/person"
)

// An rdapDomain is the part of an answer about a domain that we use (RFC 9083 5.3). Members that may have another form than the standard's
// are decoded later, so that one of them cannot make the others unreadable.
type rdapDomain struct {
	ObjectClassName string            `json:"objectClassName"`
	LDHName         string            `json:"ldhName"`
	Status          []json.RawMessage `json:"status"`
	Events          []struct {
		Action string `json:"eventAction"`
		Date   string `json:"eventDate"`
	} `json:"events"`
	Entities []rdapEntity `json:"entities"`
}

// An rdapEntity is a person or organisation with roles (RFC 9083 5.1).
type rdapEntity struct {
	Roles     []string        `json:"roles"`
	VCard     json.RawMessage `json:"vcardArray"`
	PublicIDs []struct {
		Type       string `json:"type"`
		Identifier string `json:"identifier"`
	} `json:"publicIds"`
}

// facts returns the facts in the answer. What cannot be read is unknown.
func (a rdapDomain) facts() domainfacts.Facts {
	facts := domainfacts.Facts{Source: domainfacts.RDAP, Registered: domainfacts.Yes}
	for _, e := range a.Events {
		at, err := time.Parse(time.RFC3339, e.Date)
		if err != nil {
			continue
		}
		switch e.Action {
		case "registration":
			facts.RegisteredAt = at.UTC()
		case "expiration":
			facts.ExpiresAt = at.UTC()
		}
	}
	for _, raw := range a.Status {
		switch strings.ToLower(strings.NewReplacer(" ", "", `"`, "").Replace(string(raw))) {
		case "clienthold", "serverhold":
			facts.OnHold = true
		}
	}
	for _, e := range a.Entities {
		if slices.Contains(e.Roles, "registrar") {
			facts.Registrar = limit(e.name())
			for _, id := range e.PublicIDs {
				if n, err := strconv.Atoi(id.Identifier); err == nil && strings.Contains(id.Type, "IANA") {
					facts.RegistrarID = n
				}
			}
		}
		if slices.Contains(e.Roles, "registrant") {
			facts.Holder = person.NormalizeName(limit(e.name()))
		}
	}
	return facts
}

// name returns the organisation in an entity's jCard (RFC 7095), else the name; "" if there is none.
func (e rdapEntity) name() string {
	var card []json.RawMessage // "vcard", then a list of [name, parameters, type, value]
	if json.Unmarshal(e.VCard, &card) != nil || len(card) < 2 {
		return ""
	}
	var properties [][]json.RawMessage
	if json.Unmarshal(card[1], &properties) != nil {
		return ""
	}
	for _, wanted := range []string{"org", "fn"} {
		for _, p := range properties {
			var name, value string
			if len(p) >= 4 && json.Unmarshal(p[0], &name) == nil && strings.EqualFold(name, wanted) &&
				json.Unmarshal(p[3], &value) == nil && strings.TrimSpace(value) != "" {
				return value
			}
		}
	}
	return ""
}
