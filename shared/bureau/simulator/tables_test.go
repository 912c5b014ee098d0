package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"beian/shared/bureau/document"
)

// TestPublishedCodes: a changed table is issued whole to the provider, records are checked by it, and a killed bureau still has it.
func TestPublishedCodes(t *testing.T) {
	h := newHarness(t)
	withService := func(id int64) func(*document.NewFiling) {
		return func(f *document.NewFiling) { f.Sites[0].Services = []int64{id} }
	}
	if got := codes(h.fileOne(withService(34))); !slices.Contains(got, 1034) {
		t.Fatalf("a code of no table: %v", got)
	}
	h.applyScenario(`{"codes": [{"table": "Wzfwlx_dms", "set": [{"id": 34, "name": "网络直播"}, {"id": 23, "name": "WAP", "void": true}], "drop": [22]}]}`)
	delivery, _, err := h.client.Download(t.Context())
	if err != nil || delivery == nil || len(delivery.Problems) > 0 || delivery.Document.Codes == nil {
		t.Fatalf("%+v, %v", delivery, err)
	}
	rows := map[int64]document.CodeRow{}
	for _, row := range delivery.Document.Codes.Tables.Rows()["Wzfwlx_dms"] {
		rows[row.ID] = row
	}
	if len(rows) != 30 || rows[34] != (document.CodeRow{ID: 34, Name: "网络直播", Valid: 1}) || rows[23].Valid != 0 || rows[22].ID != 0 || rows[24].Valid != 1 {
		t.Errorf("the table has %d rows: %+v", len(rows), rows)
	}
	if _, err := h.client.Ack(t.Context(), delivery.Name); err != nil {
		t.Fatal(err)
	}
	h.kill()
	for id, refused := range map[int64]bool{22: true, 23: true, 24: false, 34: false} {
		got := codes(h.fileOne(func(f *document.NewFiling) {
			withService(id)(f)
			f.Subject.ID, f.Sites[0].ID = 1000+id, 2000+id
			f.Subject.Certificate.Number += string(rune('A' + id - 22))
			f.Sites[0].Domains[0].Name = string(rune('a'+id-22)) + "-codes.example.com"
			f.Sites[0].HomeURL, f.Attachments = "", nil
		}))
		if slices.Contains(got, 1034) != refused {
			t.Errorf("code %d: %v", id, got)
		}
	}
	for _, text := range []string{`{"codes": [{"table": "Nothing"}]}`, `{"codes": [{"table": "Yylb_dms", "set": [{"id": 18}]}]}`, `{"codes": [{"table": "Yylb_dms", "set": [{"id": 18, "name": "🪵"}]}]}`} {
		recorder := httptest.NewRecorder()
		h.bureau.AdminHandler().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/scenario", strings.NewReader(text)))
		if recorder.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", text, recorder.Code)
		}
	}
}
