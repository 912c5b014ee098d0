package apigateway

import "strings"

// match finds the most specific route: an exact path before one with parameters, that before a greedy one, a named
// method before ANY, and "$default" last. It returns the path parameters with it.
func match(routes []Route, method, path string) (*Route, map[string]string) {
	var best *Route
	var found map[string]string
	bestRank := 0
	for n := range routes {
		rank, parameters := fit(routes[n].Key, method, path)
		if rank > bestRank {
			best, found, bestRank = &routes[n], parameters, rank
		}
	}
	return best, found
}

// fit says how specifically a route key covers a request; 0 is not at all.
func fit(key, method, path string) (int, map[string]string) {
	if key == "$default" {
		return 1, nil
	}
	wanted, pattern, _ := strings.Cut(key, " ")
	if wanted != method && wanted != "ANY" {
		return 0, nil
	}
	parameters := map[string]string{}
	have := strings.Split(strings.Trim(path, "/"), "/")
	want := strings.Split(strings.Trim(pattern, "/"), "/")
	rank := 2
	for n, segment := range want {
		name, is := strings.CutPrefix(segment, "{")
		name = strings.TrimSuffix(name, "}")
		switch greedy, isGreedy := strings.CutSuffix(name, "+"); {
		case n >= len(have) || have[n] == "" && is:
			return 0, nil
		case isGreedy && is:
			parameters[greedy] = strings.Join(have[n:], "/")
			return 2*rank + exactMethod(wanted), parameters
		case is:
			parameters[name] = have[n]
			rank += 100
		case segment != have[n]:
			return 0, nil
		default:
			rank += 10_000
		}
	}
	if len(have) != len(want) {
		return 0, nil
	}
	const whole = 1_000_000 // any whole match goes before any greedy one
	return 2*(whole+rank) + exactMethod(wanted), parameters
}

func exactMethod(wanted string) int {
	if wanted == "ANY" {
		return 0
	}
	return 1
}
