package stepfunctions

import (
	"encoding/base64"
	"encoding/json"
)

// A page is the content of a nextToken: the list, and the position at which the next page begins.
type page struct {
	Purpose string
	From    []byte
}

func encodePage(purpose string, from []byte) string {
	return base64.RawURLEncoding.EncodeToString(encodeJSON(page{purpose, from}))
}

// decodePage returns the position at which the page begins, or nil for the first page.
func decodePage(purpose, token string) ([]byte, error) {
	if token == "" {
		return nil, nil
	}
	var p page
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || json.Unmarshal(text, &p) != nil || p.Purpose != purpose || p.From == nil {
		return nil, newAPIError("InvalidToken", "Invalid Token: 'nextToken' belongs to another list.")
	}
	return p.From, nil
}

type pageInput struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}
