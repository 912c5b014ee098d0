package attacks_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau"
	"beian/shared/bureau/soap"
	"beian/shared/filing"
	"beian/shared/rules/picture"
	"beian/shared/rules/picture/picturetest"
)

// TestPictureBombs: pictures of a few kilobytes that take minutes to decode are refused before they are decoded, and the good paper of the
// same request is accepted.
func TestPictureBombs(t *testing.T) {
	applicant, _, id := applicantAt(t, 151, filing.CollectEvidence)
	slots, err := applicant.MissingPapers(t.Context(), id)
	if err != nil || len(slots) < 3 {
		t.Fatalf("%q, %v", slots, err)
	}
	scans := picturetest.Progressive{Width: 7000, Height: 5700, Components: 3, Scans: 1800}
	hidden := scans
	hidden.Between = []byte{0x00} // the decoder skips it
	for _, bomb := range [][]byte{scans.File(), hidden.File()} {
		papers := map[string][]byte{slots[0]: bomb, slots[1]: bomb}
		err := applicant.Upload(t.Context(), id, papers, "image/jpeg")
		for _, slot := range slots[:2] {
			want := string(picture.CodeStructure) + " /evidence/" + strings.ReplaceAll(slot, "/", "~1")
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("no %s: %v", want, err)
			}
		}
	}
	good := map[string][]byte{slots[0]: scans.File(), slots[1]: scenario.SamplePicture("good", 151)}
	if err := applicant.Upload(t.Context(), id, good, "image/jpeg"); err == nil || !strings.Contains(err.Error(), string(picture.CodeStructure)) {
		t.Errorf("%v", err)
	}
	missing, err := applicant.MissingPapers(t.Context(), id)
	if err != nil || len(missing) != len(slots)-1 {
		t.Errorf("the good paper was not accepted: %q are missing, %v", missing, err)
	}
}

// TestHostileBodies: bodies of the largest size whose parsing or normalisation could need work that grows faster than they do are answered
// with a client's error within the time of a request.
func TestHostileBodies(t *testing.T) {
	const size = 120_000 // a body has at most 128 KB
	applicant, app, id := applicantAt(t, 152, filing.CollectDetails)
	var characters strings.Builder
	for i := range size / 3 {
		characters.WriteRune(rune(0x4e00 + i*7%20_000))
	}
	texts := map[string]string{
		"different characters":    characters.String(),
		"combining marks":         "a" + strings.Repeat("\u0301\u0323", size/4),
		"a ligature of 18 signs":  strings.Repeat("\ufdfa", size/3),
		"labels":                  strings.Repeat("a.", size/2) + "com",
		"punycode":                "xn--" + strings.Repeat("a9z", size/3) + ".com",
		"addresses":               strings.Repeat("a@", size/2),
		"brackets":                strings.Repeat("(", size),
		"white space":             "a" + strings.Repeat(" ", size) + "b",
		"digits":                  strings.Repeat("1", size),
		"labels of a pasted text": strings.Repeat("域名:", size/7),
	}
	// replace returns the body with all texts replaced, each by an equal part of the text.
	replaced := func(body any, text string) []byte {
		var count int
		replaceTexts(body, func(string) string { count++; return "" })
		part := text[:len(text)/max(count, 1)]
		out, err := json.Marshal(replaceTexts(body, func(string) string { return strings.ToValidUTF8(part, "") }))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	opening := map[string]any{}
	for name, value := range app.Open {
		opening[name] = value
	}
	opening["contact"] = app.Contact
	for name, text := range texts {
		opening["domains"] = []any{text}
		body, err := json.Marshal(opening)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, applicant, "POST", "/orders", body, name)
		var details any
		plain, err := json.Marshal(app.Details)
		if err == nil {
			err = json.Unmarshal(plain, &details)
		}
		if err != nil {
			t.Fatal(err)
		}
		refused(t, applicant, "PUT", "/orders/"+string(id)+"/details", replaced(details, text), name)
	}
	for name, body := range map[string]string{
		"nested lists":   strings.Repeat("[", size),
		"nested objects": strings.Repeat(`{"a":`, size/5),
		"a long number":  `{"province":` + strings.Repeat("9", size) + `}`,
		"a large power":  `{"province":1e999999999}`,
		"many numbers":   `{"domains":[1` + strings.Repeat(",1.5", size/4) + `]}`,
		"many names":     "{" + strings.Repeat(`"a":1,`, size/6) + `"a":1}`,
		"escapes":        `{"name":"` + strings.Repeat(`\u0041`, size/6) + `"}`,
		"half a text":    `{"name":"` + strings.Repeat("\xe4", size),
	} {
		for _, q := range []struct{ method, path string }{{"POST", "/orders"}, {"PUT", "/orders/" + string(id) + "/details"}} {
			refused(t, applicant, q.method, q.path, []byte(body), name)
		}
		answer, err := http.Post(sys.PortalURL+"/webhooks/sms", "application/json", strings.NewReader(body))
		if err != nil || answer.StatusCode/100 != 4 {
			t.Errorf("the webhook, %s: %v, %v", name, answer, err)
			continue
		}
		answer.Body.Close()
	}
}

// refused sends a request and checks that the answer is a client's error.
func refused(t *testing.T, u *scenario.User, method, path string, body []byte, name string) {
	t.Helper()
	answer, err := client.Send(t.Context(), u, scenario.Request{Method: method, Path: path, Body: body})
	if err != nil || answer.Status/100 != 4 {
		t.Errorf("%s %s, %s: status %d, %v: %.200s", method, path, name, answer.Status, err, answer.Body)
	}
}

// replaceTexts replaces the texts in a JSON value.
func replaceTexts(value any, replace func(string) string) any {
	switch value := value.(type) {
	case string:
		return replace(value)
	case []any:
		out := make([]any, len(value))
		for i, one := range value {
			out[i] = replaceTexts(one, replace)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, one := range value {
			out[name] = replaceTexts(one, replace)
		}
		return out
	}
	return value
}

// TestHostileSOAP: calls of the bureau's interface whose parsing could need work that grows faster than they do are answered, without an
// account.
func TestHostileSOAP(t *testing.T) {
	const size = 2 << 20
	for name, text := range map[string]string{
		"references that do not end":          strings.Repeat("&", size),
		"CDATA that ends in half a character": strings.Repeat("<![CDATA[\x81]]>", size/13),
		"base64 with white space":             strings.Repeat("A ", size/2),
		"nested elements":                     strings.Repeat("<a>", size/3),
		"empty elements":                      strings.Repeat("<a/>", size/4),
		"many attributes":                     "<a" + strings.Repeat(` b=""`, size/5) + "/>",
		"comments":                            strings.Repeat("<!---->", size/7),
	} {
		for _, parameter := range []string{"pwdHash", "beianInfo"} {
			body, _ := soap.Call(string(bureau.UploadMethod), soap.Parameter{Name: "ispID", Text: "990000000001"}, soap.Parameter{Name: "userName", Text: "x"},
				soap.Parameter{Name: parameter, Text: "TEXT"})
			plain, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := client.HTTP.Post(sys.BureauURL+bureau.UpDownLoadPath, soap.ContentType, bytes.NewReader(bytes.Replace(plain, []byte("TEXT"), []byte(text), 1)))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			answer.Body.Close()
		}
	}
}
