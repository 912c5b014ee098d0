package system

import (
	"encoding/json"
	"maps"
	"regexp"
	"strings"
)

// An IndexKey is a partition of an index of the table of filings.
type IndexKey struct{ Index, Partition string }

// tableIndexes are the indexes with the attributes of their keys and what else they project. The comment of package dynamo describes them.
var tableIndexes = []struct{ name, partition, sort, projected string }{
	{"mine", "mine", "at", "brief"}, {"open", "open", "at", "brief"}, {"due", "due", "dueAt", ""},
}

// indexed are the attributes of a row that its entries in the indexes depend on.
type indexed map[string]string

// An indexCounter infers from the writes of rows which partitions of the indexes are written, because the engine reports units by index, not by partition.
// It knows a row from the first write that it sees: what the row had before counts as nothing. It is not safe for concurrent use.
type indexCounter struct {
	rows   map[[2]string]indexed // by pk and sk
	writes map[IndexKey]int
}

// A rowWrite is a Put, Update or Delete as the SDK sends it, alone or in a transaction.
type rowWrite struct {
	Item, Key                 map[string]json.RawMessage
	UpdateExpression          string
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues map[string]json.RawMessage
}

// attribute returns an attribute of the row's key that is a string, or "".
func (w rowWrite) attribute(name string) string {
	text := w.Item[name]
	if text == nil {
		text = w.Key[name]
	}
	return stringOf(string(text))
}

// stringOf returns the value of an attribute that is a string, or "".
func stringOf(attribute string) string {
	var value struct{ S string }
	if json.Unmarshal([]byte(attribute), &value) != nil {
		return ""
	}
	return value.S
}

// add counts what a stored write changes in the indexes. An entry that appears, changes or disappears is one write; one that moves to another key is two, of the
// old partition and of the new one; one that stays as it was is none.
func (c *indexCounter) add(w rowWrite) {
	key := [2]string{w.attribute("pk"), w.attribute("sk")}
	before := c.rows[key]
	after := w.apply(before)
	if c.rows[key] = after; len(after) == 0 {
		delete(c.rows, key)
	}
	for _, i := range tableIndexes {
		had, has := before[i.partition] != "" && before[i.sort] != "", after[i.partition] != "" && after[i.sort] != ""
		moved := before[i.partition] != after[i.partition] || before[i.sort] != after[i.sort]
		if had && (moved || !has) {
			c.writes[IndexKey{i.name, stringOf(before[i.partition])}]++
		}
		if has && (moved || !had || before[i.projected] != after[i.projected]) {
			c.writes[IndexKey{i.name, stringOf(after[i.partition])}]++
		}
	}
}

var (
	// setClause matches an assignment of an update: its name, then the name whose value wins if there is one, then the value.
	setClause    = regexp.MustCompile(`(#?\w+)\s*=\s*(?:if_not_exists\(\s*(#?\w+)\s*,\s*)?(:\w+)`)
	removeClause = regexp.MustCompile(`\bREMOVE\s+([^=]*?)\s*(?:$|\b(?:SET|ADD|DELETE)\b)`)
)

// apply returns the indexed attributes of a row after a write; none if the write deletes the row.
func (w rowWrite) apply(before indexed) indexed {
	after := indexed{}
	keep := func(name, value string) {
		for _, i := range tableIndexes {
			if name == i.partition || name == i.sort || name == i.projected {
				after[name] = value
			}
		}
	}
	for name, value := range w.Item {
		keep(name, string(value))
	}
	if w.UpdateExpression == "" {
		return after
	}
	maps.Copy(after, before)
	nameOf := func(text string) string {
		if name, ok := w.ExpressionAttributeNames[text]; ok {
			return name
		}
		return text
	}
	for _, set := range setClause.FindAllStringSubmatch(w.UpdateExpression, -1) {
		value := string(w.ExpressionAttributeValues[set[3]])
		if present := before[nameOf(set[2])]; set[2] != "" && present != "" {
			value = present
		}
		keep(nameOf(set[1]), value)
	}
	for _, removed := range removeClause.FindAllStringSubmatch(w.UpdateExpression, -1) {
		for name := range strings.SplitSeq(removed[1], ",") {
			delete(after, nameOf(strings.TrimSpace(name)))
		}
	}
	return after
}
