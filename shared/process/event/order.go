package event

import (
	"fmt"
	"slices"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// Order is the data of the events of orders.
type Order struct {
	Order    filing.ID     `json:"order"`
	Type     filing.Type   `json:"type,omitempty"` // of the application; absent until it is determined
	Province province.Code `json:"province"`
	Status   filing.Status `json:"status"`
	Round    int           `json:"round"`
	// By and Codes say who returned or refused the order, and why. The code "reviewer" is a reason in own words, which is not told.
	By    filing.Refuser `json:"by,omitempty"`
	Codes []finding.Code `json:"codes,omitempty"`
	// Filing is what the register has after an approval; absent if the approval does not change it.
	Filing *Filing `json:"filing,omitempty"`
}

// Filing is what is public of a filing.
type Filing struct {
	ID      register.ID     `json:"id"`
	Version int             `json:"version"`
	Status  register.Status `json:"status"`
	Number  string          `json:"number,omitempty"`
	Sites   []Site          `json:"sites"`
	// More is true if only the first 50 sites are listed.
	More bool `json:"more,omitempty"`
}

// A Site is a filed site.
type Site struct {
	Number string              `json:"number"`
	Hosts  []domainname.Domain `json:"hosts"`
}

// Register is the data of [RegisterChanged].
type Register struct {
	Filing
	Province province.Code       `json:"province"`
	Source   register.SourceKind `json:"source"`
	// Changed are the places that differ from the version before, without their values.
	Changed []string `json:"changed"`
}

// Limits on lists, which keep an event within some kilobytes.
const (
	maxSites   = 50
	maxHosts   = 20
	maxChanged = 100
)

// flowTypes are the types of the events of an order, by what is counted of its decisions.
var flowTypes = map[filing.FlowEvent]Type{
	filing.FlowOpened: OrderOpened, filing.FlowReturned: OrderReturned, filing.FlowSent: OrderTransmitted, filing.FlowApproved: OrderApproved,
	filing.FlowRejected: OrderRefused, filing.FlowRefused: OrderRefused,
}

// OfChange returns the events of a decision on an order. That of the filing which it changes is [OfRegister].
func OfChange(c filing.Change) []Event {
	var events []Event
	o := c.Order
	if c.Flow != nil {
		for _, flow := range c.Flow.Events {
			t, known := flowTypes[flow]
			if !known {
				continue
			}
			data := Order{Order: o.ID, Type: o.Type, Province: o.Province, Status: o.Status, Round: o.Round}
			switch t {
			case OrderReturned, OrderRefused:
				data.By, data.Codes = c.Flow.Refuser, c.Flow.Codes
			case OrderApproved:
				if c.Register != nil {
					filed := filingOf(c.Register.After)
					data.Filing = &filed
				}
			}
			events = append(events, Event{ID: newID("order", string(o.ID), fmt.Sprint(c.Entry.Seq), string(flow)), Type: t, Subject: "/orders/" + string(o.ID),
				Time: c.Entry.At, Sequence: c.Entry.Seq, Data: mustMarshal(data)})
		}
	}
	return events
}

// OfRegister returns the event of a new version of a filing.
func OfRegister(c register.Change) Event {
	f := c.After
	changed := append([]string{}, c.Entry.Changed...)
	data := Register{Filing: filingOf(f), Province: f.Province, Source: c.Entry.Source.Kind, Changed: changed[:min(len(changed), maxChanged)]}
	return Event{ID: newID("filing", string(f.ID), fmt.Sprint(f.Version)), Type: RegisterChanged, Subject: "/filings/" + string(f.ID),
		Time: f.ChangedAt, Sequence: f.Version, Data: mustMarshal(data)}
}

func filingOf(f register.Filing) Filing {
	out := Filing{ID: f.ID, Version: f.Version, Status: f.Status, Number: f.Number.String(), Sites: []Site{}, More: len(f.Sites) > maxSites}
	for _, s := range slices.Clip(f.Sites)[:min(len(f.Sites), maxSites)] {
		hosts := append([]domainname.Domain{}, s.DomainNames()...)
		out.Sites = append(out.Sites, Site{s.Number.String(), hosts[:min(len(hosts), maxHosts)]})
	}
	return out
}
