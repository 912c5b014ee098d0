package webhook_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"beian/shared/partners/webhook"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

var (
	now  = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)
	old  = []byte("the old secret of this test")
	next = []byte("the next secret of this test")
)

const body = `{"id":"m-1","from":"13800000000","text":"123456","receivedAt":"2019-12-25T09:00:00Z"}`

func TestCheck(t *testing.T) {
	at, byOld := webhook.Sign(old, []byte(body), now)
	_, byNext := webhook.Sign(next, []byte(body), now)
	sent := func(off time.Duration) (string, string) { return webhook.Sign(old, []byte(body), now.Add(off)) }
	both := [][]byte{next, old}
	type request struct {
		secrets              [][]byte
		timestamp, signature string
		body                 string
	}
	with := func(off time.Duration) request { ts, s := sent(off); return request{both, ts, s, body} }
	noKey, _ := webhook.Sign(nil, []byte(body), now)
	_, byNoKey := webhook.Sign(nil, []byte(body), now)
	for name, c := range map[string]struct {
		request
		want error
	}{
		"the old secret":            {request{both, at, byOld, body}, nil},
		"the next secret":           {request{both, at, byNext, body}, nil},
		"two signatures, one wrong": {request{both, at, "v1=" + strings.Repeat("0", 64) + ", " + byNext, body}, nil},
		"an unknown scheme too":     {request{both, at, "v2=abc," + byNext, body}, nil},
		"upper case":                {request{both, at, "v1=" + strings.ToUpper(byOld[3:]), body}, nil},
		"five minutes late":         {with(-5 * time.Minute), nil},
		"five minutes early":        {with(5 * time.Minute), nil},
		"a second too late":         {with(-5*time.Minute - time.Second), webhook.ErrTimestamp},
		"a second too early":        {with(5*time.Minute + time.Second), webhook.ErrTimestamp},
		"no timestamp":              {request{both, "", byOld, body}, webhook.ErrMissing},
		"no signature":              {request{both, at, "", body}, webhook.ErrMissing},
		"a timestamp with a sign":   {request{both, "+" + at, byOld, body}, webhook.ErrTimestamp},
		"a timestamp of words":      {request{both, "now", byOld, body}, webhook.ErrTimestamp},
		"the end of time":           {request{both, "9223372036854775807", byOld, body}, webhook.ErrTimestamp},
		"the beginning of time":     {request{both, "-9223372036854775808", byOld, body}, webhook.ErrTimestamp},
		"another body":              {request{both, at, byOld, body + " "}, webhook.ErrSignature},
		"another time":              {request{both, fmt.Sprint(now.Unix() + 1), byOld, body}, webhook.ErrSignature},
		"another secret":            {request{[][]byte{next}, at, byOld, body}, webhook.ErrSignature},
		"a third secret":            {request{[][]byte{next, next, old}, at, byOld, body}, webhook.ErrSignature},
		"no scheme":                 {request{both, at, byOld[3:], body}, webhook.ErrSignature},
		"a prefix":                  {request{both, at, byOld[:40], body}, webhook.ErrSignature},
		"not hexadecimal":           {request{both, at, "v1=xyz", body}, webhook.ErrSignature},
		"no secrets":                {request{nil, at, byOld, body}, webhook.ErrSignature},
		"an empty secret":           {request{[][]byte{nil, {}}, noKey, byNoKey, body}, webhook.ErrSignature},
		"endless signatures":        {request{both, at, strings.Repeat(byNext+",", 100), body}, webhook.ErrSignature},
		"an endless body":           {request{both, at, byOld, strings.Repeat("x", webhook.MaxBody+1)}, webhook.ErrTooLarge},
	} {
		err := webhook.Check(c.secrets, c.timestamp, c.signature, []byte(c.body), now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestParseReply(t *testing.T) {
	r, err := webhook.ParseReply([]byte(strings.Replace(body, "13800000000", "+86 138-0000-0000", 1)))
	if err != nil || r.ID != "m-1" || r.From.Reveal() != "13800000000" || r.Text != "123456" || !r.ReceivedAt.Equal(now) {
		t.Errorf("%s, %v", r.ID, err)
	}
	long := func(n int) string { return strings.Repeat("备", n) }
	if _, err := webhook.ParseReply([]byte(strings.Replace(body, "123456", long(500), 1))); err != nil {
		t.Errorf("500 characters: %v", err)
	}
	for name, c := range map[string]struct {
		body string
		want []finding.Code
	}{
		"nothing":           {"", []finding.Code{webhook.CodeBody}},
		"a list":            {"[]", []finding.Code{webhook.CodeBody}},
		"two objects":       {body + body, []finding.Code{webhook.CodeBody}},
		"an unknown field":  {`{"id":"m-1","to":"1"}`, []finding.Code{webhook.CodeBody}},
		"not UTF-8":         {strings.Replace(body, "123456", "\xff", 1), []finding.Code{webhook.CodeBody}},
		"a long id":         {strings.Replace(body, "m-1", strings.Repeat("m", 129), 1), []finding.Code{webhook.CodeID}},
		"an id with spaces": {strings.Replace(body, "m-1", "m 1", 1), []finding.Code{webhook.CodeID}},
		"a long text":       {strings.Replace(body, "123456", long(501), 1), []finding.Code{webhook.CodeText}},
		"a landline":        {strings.Replace(body, "13800000000", "010-12345678", 1), []finding.Code{"mobile-format"}},
		"all of it":         {"{}", []finding.Code{webhook.CodeID, "mobile-missing", webhook.CodeText, webhook.CodeReceivedAt}},
	} {
		_, err := webhook.ParseReply([]byte(c.body))
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, fault.KindOf(err))
			continue
		}
		var got []finding.Code
		for _, f := range fault.Of(err).Findings {
			got = append(got, f.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestCode(t *testing.T) {
	for text, want := range map[string]string{
		"123456":                   "123456",
		" 123456 ":                 "123456",
		"验证码123456":                "123456",
		"验证码：123456，谢谢":            "123456",
		"１２３４５６":                   "123456",
		"１２３　４５６":                  "123456",
		"123 456":                  "123456",
		"1 2 3 4 5 6":              "123456",
		"123-456":                  "123456",
		"123456 123456":            "123456",
		"123456 收到于 2019 年":        "123456",
		"code 012345":              "012345",
		"":                         "",
		"123,456":                  "123456",
		"验证码：123.456。":             "123456",
		"1/2/3/4/5/6":              "123456",
		"①②③④⑤⑥":                   "123456",
		"\u202d123\u200b456\u202c": "123456",
		"1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣": "123456",
		"好的":                      "",
		"12345":                   "",
		"1234567":                 "",
		"123456 654321":           "",
		"13800000000":             "",
		"123456还是654321":          "",
		"我的号码 13800000000 123456": "123456",
	} {
		if code, ok := (webhook.Reply{Text: text}).Code(); code != want && ok || ok != (want != "") {
			t.Errorf("%q gives %q %v, want %q", text, code, ok, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	at, signature := webhook.Sign(old, []byte(body), now)
	f.Add(at, signature, []byte(body))
	f.Add(at, "v1=,v1=00", []byte(nil))
	f.Fuzz(func(t *testing.T, timestamp, given string, data []byte) {
		if webhook.Check([][]byte{old}, timestamp, given, data, now) != nil {
			return
		}
		seconds, err := strconv.ParseInt(timestamp, 10, 64)
		if err != nil {
			t.Fatalf("passed at %q", timestamp)
		}
		if _, want := webhook.Sign(old, data, time.Unix(seconds, 0)); !strings.Contains(strings.ToLower(given), want) {
			t.Errorf("passed with %q", given)
		}
	})
}

func FuzzParseReply(f *testing.F) {
	f.Add([]byte(body))
	f.Add([]byte(`{"text":"１２３ ４５６"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := webhook.ParseReply(data)
		if err != nil {
			return
		}
		if len(r.From.Check()) > 0 || r.ID == "" || r.Text == "" {
			t.Error("an incomplete reply passed")
		}
		if code, ok := r.Code(); ok && len(code) != 6 {
			t.Errorf("code of %d characters", len(code))
		}
	})
}
