package apigateway

import "strings"

// matchRoute returns the most specific route for a request, with its path parameters: an exact path before one with parameters,
// that before a greedy one, a method before ANY, and "$default" last.
func matchRoute(routes []Route, method, path string) (*Route, map[string]string) {
	var best *Route
	var parameters map[string]string
	bestRank := 0
	for i := range routes {
		if rank, found := rankRoute(routes[i].Key, method, path); rank > bestRank {
			best, parameters, bestRank = &routes[i], found, rank
		}
	}
	return best, parameters
}

// rankRoute returns how specifically a route key matches a request, 0 if it does not, and the path parameters.
func rankRoute(key, method, path string) (int, map[string]string) {
	const exactSegment, parameterSegment, wholePath = 10_000, 100, 1_000_000
	if key == "$default" {
		return 1, nil
	}
	keyMethod, pattern, _ := strings.Cut(key, " ")
	if keyMethod != method && keyMethod != "ANY" {
		return 0, nil
	}
	rank := 2
	if keyMethod == method {
		rank++
	}
	parameters := map[string]string{}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	wanted := strings.Split(strings.Trim(pattern, "/"), "/")
	for i, want := range wanted {
		name, isParameter := strings.CutPrefix(strings.TrimSuffix(want, "}"), "{")
		switch greedy, isGreedy := strings.CutSuffix(name, "+"); {
		case i >= len(segments) || isParameter && segments[i] == "":
			return 0, nil
		case isParameter && isGreedy:
			parameters[greedy] = strings.Join(segments[i:], "/")
			return rank, parameters
		case isParameter:
			parameters[name] = segments[i]
			rank += parameterSegment
		case want == segments[i]:
			rank += exactSegment
		default:
			return 0, nil
		}
	}
	if len(segments) != len(wanted) {
		return 0, nil
	}
	return rank + wholePath, parameters
}
