// Package application shows the details of an application, or of a filing, in words: for applicants who check them, and for staff who review them.
package application

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/web/pages"
)

// Names turns values of an application into words.
type Names struct {
	*pages.Visit
	Words  map[string]finding.Words     // of the ministry's numbers, by the pointer of the number
	Today  time.Time                    // for the divisions
	tables map[string]map[string]string // words of numbers without such a pointer, by table
}

// Of returns a value as a person reads it, one text for each entry of a list; none if it is empty.
func (n *Names) Of(pointer string, value any) ([]string, error) {
	switch value := value.(type) {
	case []any:
		var all []string
		for i, one := range value {
			texts, err := n.Of(pointer+"/"+strconv.Itoa(i), one)
			if err != nil {
				return nil, err
			}
			all = append(all, texts...)
		}
		return all, nil
	case map[string]any:
		return n.ofObject(pointer, value)
	case bool:
		words, err := n.T("application." + strconv.FormatBool(value))
		return []string{words}, err
	}
	text := strings.Join(pages.TextsOf(value), "")
	if text == "" {
		return nil, nil
	}
	if words, has := n.Words[pointer]; has {
		return []string{n.In(words)}, nil
	}
	words, err := n.lookUp(pointer, text)
	return []string{words}, err
}

// ofObject returns an object on one line: a period as its two days, a site or a leader as its name, anything else as its values.
func (n *Names) ofObject(pointer string, value map[string]any) ([]string, error) {
	if strings.HasSuffix(pointer, "/validity") {
		from, to := strings.Join(pages.TextsOf(value["from"]), ""), strings.Join(pages.TextsOf(value["to"]), "")
		words, err := n.T("application.period", "from", from, "to", to)
		if from == "" {
			words, err = n.T("application.until", "to", to)
		}
		return []string{words}, err
	}
	if name := pages.TextsOf(value["name"]); len(name) > 0 && value["leader"] != nil {
		return name, nil
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(value)) {
		texts, err := n.Of(pointer+"/"+key, value[key])
		if err != nil {
			return nil, err
		}
		all = append(all, texts...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return []string{strings.Join(all, " · ")}, nil
}

// lookUp returns the words of a number of the ministry's tables, or of a division; any other text stays.
func (n *Names) lookUp(pointer, text string) (string, error) {
	switch tokens := strings.Split(pointer, "/"); {
	case strings.HasSuffix(pointer, "/division"):
		county, found := division.Of(text, n.Today)
		above, has := division.Of(county.Parent(), n.Today)
		if above.IsPlaceholder() { // of a municipality
			above, has = division.Of(above.Parent(), n.Today)
		}
		if found && has {
			return above.Name + county.Name, nil
		}
	case strings.HasSuffix(pointer, "/trade"):
		if number, err := strconv.Atoi(text); err == nil {
			text = string(preapproval.Numbered(number))
		}
		if rule, found := preapproval.Of(preapproval.Trade(text)); found {
			return n.In(rule.Name), nil
		}
	case strings.HasSuffix(pointer, "/leader/certificate/kind"):
		return n.inTable(text, "persons", PersonCertificates)
	case strings.HasSuffix(pointer, "/certificate/kind"):
		return n.inTable(text, "certificates", AllCertificates)
	case slices.Contains(tokens, "serviceContent"):
		return n.inTable(text, "services", Numbered("/service-contents"))
	case slices.Contains(tokens, "languages"):
		return n.inTable(text, "languages", Numbered("/site-languages"))
	}
	return text, nil
}

// inTable returns the words of a number in a table, which it reads once.
func (n *Names) inTable(text, table string, read func(*pages.Visit, pages.Document) ([]pages.Option, error)) (string, error) {
	if n.tables[table] == nil {
		options, err := read(n.Visit, nil)
		if err != nil {
			return "", err
		}
		if n.tables == nil {
			n.tables = map[string]map[string]string{}
		}
		n.tables[table] = map[string]string{}
		for _, o := range options {
			n.tables[table][o.Value] = o.Label
		}
	}
	if words, has := n.tables[table][text]; has {
		return words, nil
	}
	return text, nil
}
