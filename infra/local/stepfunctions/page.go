package stepfunctions

import (
	"encoding/base64"
	"encoding/json"
)

// A page is what a nextToken holds: which list it is for, and where that goes on.
type page struct {
	Purpose string
	From    []byte
}

func sealPage(purpose string, from []byte) string {
	return base64.RawURLEncoding.EncodeToString(encodeRecord(page{purpose, from}))
}

// openPage returns where the list goes on; nil for its beginning.
func openPage(purpose, token string) ([]byte, error) {
	if token == "" {
		return nil, nil
	}
	var p page
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || json.Unmarshal(text, &p) != nil || p.Purpose != purpose || p.From == nil {
		return nil, refuse("InvalidToken", "Invalid Token: 'nextToken' is not of this list.")
	}
	return p.From, nil
}
