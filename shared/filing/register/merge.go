package register

import (
	"encoding/json"
	"maps"
	"reflect"
)

// Merge applies the differences between base and changed to now: a field in which changed differs from base is that of changed, every other field is
// that of now. Lists are one value.
func Merge[T any](base, changed, now T) T {
	text, err := json.Marshal(merge(decoded(base), decoded(changed), decoded(now)))
	if err != nil {
		panic(err) // decoded JSON always marshals
	}
	var merged T
	if err := json.Unmarshal(text, &merged); err != nil {
		panic(err) // its values are those of T
	}
	return merged
}

func merge(base, changed, now any) any {
	if reflect.DeepEqual(base, changed) {
		return now
	}
	changedMap, isMap := changed.(map[string]any)
	nowMap, both := now.(map[string]any)
	if !isMap || !both {
		return changed
	}
	baseMap, _ := base.(map[string]any)
	merged := map[string]any{}
	names := maps.Clone(changedMap)
	maps.Copy(names, nowMap)
	for name := range names {
		if value := merge(baseMap[name], changedMap[name], nowMap[name]); value != nil {
			merged[name] = value
		}
	}
	return merged
}
