package portal

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"beian/shared/rules/certificate"
)

// An offer to fill in a page from a photo of a certificate, which the browser reads.
type offer struct {
	Megabytes string // that the browser loads once
	Papers    []readablePaper
}

// A readablePaper is one side of a certificate that browsers can read.
type readablePaper struct {
	Name string
	Kind int // of the certificate
	// Fields has the names of the form's fields by those of the paper, as JSON.
	Fields string
}

// offerRecognition returns the offer for a page of the details; nil if the browser can read nothing that it asks for. The page of a leader lists the papers
// of each kind of certificate, and the script shows those of the chosen kind.
func (v *visit) offerRecognition(d draft, page detailPage, individualsLeader bool) (*offer, error) {
	leader := strings.HasSuffix(page.prefix, "/leader")
	if page.site >= 0 && !leader || leader && individualsLeader {
		return nil, nil
	}
	size, err := v.ReaderMegabytes()
	if err != nil || size == "" {
		return nil, err
	}
	o := &offer{Megabytes: size}
	add := func(kind certificate.Kind, paper string, fields map[string]string) {
		pointers := map[string]string{}
		for name, field := range fields {
			pointers[name] = page.prefix + field
		}
		text, err := json.Marshal(pointers)
		if err != nil {
			panic(err) // texts always marshal
		}
		o.Papers = append(o.Papers, readablePaper{Name: paper, Kind: int(kind), Fields: string(text)})
	}
	validity := map[string]string{"valid-from": "/certificate/validity/from", "valid-to": "/certificate/validity/to"}
	person := map[string]string{"name": "/name", "number": "/certificate/number"}
	if !leader {
		person["address"] = "/certificateAddress"
	}
	offered := func(kind certificate.Kind) bool {
		return leader || d.Text("/subject/certificate/kind") == strconv.Itoa(int(kind))
	}
	if offered(certificate.ResidentID) {
		add(certificate.ResidentID, "resident-id-front", person)
		add(certificate.ResidentID, "resident-id-back", validity)
	}
	if offered(certificate.Passport) {
		add(certificate.Passport, "passport", map[string]string{"name-latin": "/name", "number": "/certificate/number", "valid-to": "/certificate/validity/to"})
	}
	if !leader && offered(certificate.BusinessLicence) {
		add(certificate.BusinessLicence, "business-licence", map[string]string{"name": "/name", "number": "/certificate/number", "address": "/certificateAddress",
			"valid-from": "/certificate/validity/from", "valid-to": "/certificate/validity/to"})
	}
	if len(o.Papers) == 0 {
		return nil, nil
	}
	return o, nil
}

// takeReadings keeps what the device read for fields of the page, each as JSON: the newest of each field, with that of the other pages.
func (d draft) takeReadings(page detailPage, read []string) {
	all, _ := d.At("/readings").([]any)
	for _, text := range read {
		var one map[string]any
		if json.Unmarshal([]byte(text), &one) != nil {
			continue // the script of the page sends no such text
		}
		pointer, _ := one["pointer"].(string)
		if p := pageOfDetails(pointer); p == nil || p.path != page.path {
			continue
		}
		all = slices.DeleteFunc(all, func(o any) bool { return pointerOfReading(o) == pointer })
		all = append(all, one)
	}
	if len(all) > 0 {
		d.Set("/readings", all)
	}
}

// readingsOf returns what the device read for fields of the page, each as JSON.
func (d draft) readingsOf(page detailPage) []string {
	all, _ := d.At("/readings").([]any)
	var of []string
	for _, one := range all {
		if p := pageOfDetails(pointerOfReading(one)); p != nil && p.path == page.path {
			text, err := json.Marshal(one)
			if err != nil {
				panic(err) // it was JSON
			}
			of = append(of, string(text))
		}
	}
	return of
}

func pointerOfReading(reading any) string {
	one, _ := reading.(map[string]any)
	pointer, _ := one["pointer"].(string)
	return pointer
}

// RecogniseTexts are the keys of the words that the script shows.
func (page) RecogniseTexts() []string {
	return []string{"loading", "starting", "reading", "amount", "lines", "found", "nothing", "network", "picture", "runtime", "stopped", "passed", "failed",
		"unsure", "same", "differs", "fill", "replace", "filled", "for"}
}
