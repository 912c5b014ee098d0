package attacks_test

import (
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// TestStrangersOrder: for a stranger, another account's order does not exist.
func TestStrangersOrder(t *testing.T) {
	_, _, id := applicantAt(t, 1, filing.CollectDetails)
	stranger, _, own := applicantAt(t, 2, filing.CollectDetails)
	send(t, stranger, scenario.Request{Method: "GET", Path: "/orders/" + string(own)}, 200)
	for _, path := range []string{"", "/summary", "/evidence", "/timeline"} {
		send(t, stranger, scenario.Request{Method: "GET", Path: "/orders/" + string(id) + path}, 404)
	}
	send(t, stranger, scenario.Request{Method: "POST", Path: "/orders/" + string(id) + "/withdrawal", Body: []byte(`{}`)}, 404)
}
