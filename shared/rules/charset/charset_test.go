package charset_test

import (
	"testing"

	"golang.org/x/text/encoding/traditionalchinese"

	"beian/shared/rules/charset"
)

func TestBig5(t *testing.T) {
	const want = "<p>臺北網站"
	body, err := traditionalchinese.Big5.NewEncoder().String(want)
	if err != nil {
		t.Fatal(err)
	}
	if got := charset.Decode([]byte(body), "text/html; charset=Big5"); got != want {
		t.Errorf("%q", got)
	}
	page := `<meta charset="big5">`
	if got := charset.Decode([]byte(page+body), "text/html"); got != page+want {
		t.Errorf("%q", got)
	}
}
