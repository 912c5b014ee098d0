package register

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A Difference is a value in which two documents differ.
type Difference struct {
	Pointer string `json:"pointer" doc:"JSON pointer of the value"`
	Before  any    `json:"before,omitempty" doc:"absent if there was none"`
	After   any    `json:"after,omitempty" doc:"absent if there is none"`
}

// Differences compares two values as JSON, and returns what differs, in the order of the pointers. A value that only one of them has is one
// difference, however much it contains. Lists of texts and numbers are one value.
func Differences(before, after any) []Difference {
	var found []Difference
	compare("", decoded(before), decoded(after), &found)
	return found
}

func compare(pointer string, before, after any, found *[]Difference) {
	oldMap, oldIs := before.(map[string]any)
	newMap, newIs := after.(map[string]any)
	if oldIs && newIs {
		names := maps.Clone(oldMap)
		maps.Copy(names, newMap)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			compare(pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), oldMap[name], newMap[name], found)
		}
		return
	}
	oldList, oldIs := before.([]any)
	newList, newIs := after.([]any)
	if oldIs && newIs && isNested(oldList, newList) {
		for i := range max(len(oldList), len(newList)) {
			compare(pointer+"/"+strconv.Itoa(i), at(oldList, i), at(newList, i), found)
		}
		return
	}
	if !reflect.DeepEqual(before, after) {
		*found = append(*found, Difference{Pointer: pointer, Before: before, After: after})
	}
}

// isNested reports whether lists have objects, which are compared field by field.
func isNested(lists ...[]any) bool {
	for _, list := range lists {
		for _, v := range list {
			if _, is := v.(map[string]any); is {
				return true
			}
		}
	}
	return false
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// decoded returns a value as decoded JSON.
func decoded(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values always marshal
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		panic(err) // it is JSON
	}
	return plain
}
