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
	now       = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)
	old, next = webhook.NewSecret(), webhook.NewSecret()
)

const body = `{"from":"13800000000","text":"123456","receivedAt":"2019-12-25T09:00:00Z"}`

func TestVerify(t *testing.T) {
	type request struct {
		secrets []webhook.Secret
		headers webhook.Headers
		body    string
	}
	both := []webhook.Secret{next, old}
	signed := webhook.Sign("m-1", []byte(body), now, old)
	byNext := webhook.Sign("m-1", []byte(body), now, next)
	// with returns the request after a change of its headers.
	with := func(change func(*webhook.Headers)) request {
		h := signed
		change(&h)
		return request{both, h, body}
	}
	signature := func(text string) request { return with(func(h *webhook.Headers) { h.Signature = text }) }
	timestamp := func(text string) request { return with(func(h *webhook.Headers) { h.Timestamp = text }) }
	at := func(off time.Duration) request {
		return request{both, webhook.Sign("m-1", []byte(body), now.Add(off), old), body}
	}
	id := func(text string) request { return request{both, webhook.Sign(text, []byte(body), now, old), body} }
	wrong := "v1," + strings.Repeat("A", 43) + "="
	for name, c := range map[string]struct {
		request
		want error
	}{
		"the old secret":            {request{both, signed, body}, nil},
		"the next secret":           {request{both, byNext, body}, nil},
		"signed with both":          {request{[]webhook.Secret{next}, webhook.Sign("m-1", []byte(body), now, old, next), body}, nil},
		"two signatures, one wrong": {signature(wrong + " " + byNext.Signature), nil},
		"an unknown scheme too":     {signature("v1a,abc " + byNext.Signature), nil},
		"five minutes late":         {at(-5 * time.Minute), nil},
		"five minutes early":        {at(5 * time.Minute), nil},
		"a second too late":         {at(-5*time.Minute - time.Second), webhook.ErrTimestamp},
		"a second too early":        {at(5*time.Minute + time.Second), webhook.ErrTimestamp},
		"a year later":              {at(-365 * 24 * time.Hour), webhook.ErrTimestamp},
		"no timestamp":              {timestamp(""), webhook.ErrMissing},
		"no signature":              {signature(""), webhook.ErrMissing},
		"no id":                     {id(""), webhook.ErrMissing},
		"an id with a space":        {id("m 1"), webhook.ErrSignature},
		"an id with a full stop":    {id("m.1"), webhook.ErrSignature},
		"a long id":                 {id(strings.Repeat("m", 129)), webhook.ErrSignature},
		"another id":                {with(func(h *webhook.Headers) { h.ID = "m-2" }), webhook.ErrSignature},
		"a timestamp with a sign":   {timestamp("+" + signed.Timestamp), webhook.ErrTimestamp},
		"a timestamp of words":      {timestamp("now"), webhook.ErrTimestamp},
		"the end of time":           {timestamp("9223372036854775807"), webhook.ErrTimestamp},
		"the beginning of time":     {timestamp("-9223372036854775808"), webhook.ErrTimestamp},
		"another time":              {timestamp(fmt.Sprint(now.Unix() + 1)), webhook.ErrSignature},
		"another body":              {request{both, signed, body + " "}, webhook.ErrSignature},
		"another secret":            {request{[]webhook.Secret{next}, signed, body}, webhook.ErrSignature},
		"a third secret":            {request{[]webhook.Secret{next, next, old}, signed, body}, webhook.ErrSignature},
		"no scheme":                 {signature(signed.Signature[3:]), webhook.ErrSignature},
		"a prefix":                  {signature(signed.Signature[:40]), webhook.ErrSignature},
		"not base64":                {signature("v1,?"), webhook.ErrSignature},
		"no secrets":                {request{nil, signed, body}, webhook.ErrSignature},
		"an empty secret":           {request{make([]webhook.Secret, 2), webhook.Sign("m-1", []byte(body), now, webhook.Secret{}), body}, webhook.ErrSignature},
		"endless signatures":        {signature(strings.Repeat(byNext.Signature+" ", 100)), webhook.ErrSignature},
		"an endless body":           {request{both, signed, strings.Repeat("x", webhook.MaxBody+1)}, webhook.ErrTooLarge},
	} {
		got, err := webhook.Verify(c.secrets, c.headers, []byte(c.body), now)
		if !errors.Is(err, c.want) || err == nil && got != "m-1" || err != nil && got != "" {
			t.Errorf("%s: %q, %v, want %v", name, got, err, c.want)
		}
	}
}

// TestVectorOfTheSpecification: the signature is that of the specification's example.
func TestVectorOfTheSpecification(t *testing.T) {
	secret, err := webhook.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	got := webhook.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0), secret)
	if err != nil || got.Signature != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" || got.Timestamp != "1614265330" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSecrets(t *testing.T) {
	for text, valid := range map[string]bool{
		old.Reveal():                                            true,
		" " + old.Reveal() + "," + next.Reveal():                true,
		strings.TrimPrefix(old.Reveal(), "whsec_"):              true,
		strings.Repeat("aB3d", 12):                              true,
		old.Reveal() + "," + next.Reveal() + "," + old.Reveal(): false,
		"":                                 false,
		"whsec_":                           false,
		"whsec_dG9vIHNob3J0":               false,
		strings.Repeat("a", 88):            false,
		"whsec_" + strings.Repeat("?", 32): false,
		old.Reveal() + ",":                 false,
	} {
		secrets, err := webhook.ParseSecrets(text)
		if (err == nil) != valid || valid && secrets[0] == (webhook.Secret{}) {
			t.Errorf("%d characters: %v", len(text), err)
		}
		if err != nil && text != "" && strings.Contains(err.Error(), text) && len(text) > 8 {
			t.Errorf("the error quotes the secret")
		}
	}
	if shown := fmt.Sprintf("%v %+v %s %#v %q", old, old, old, old, old); strings.Contains(shown, old.Reveal()[6:20]) {
		t.Error("the secret is shown")
	}
}

func TestParseReply(t *testing.T) {
	r, err := webhook.ParseReply("m-1", []byte(strings.Replace(body, "13800000000", "+86 138-0000-0000", 1)))
	if err != nil || r.ID != "m-1" || r.From.Reveal() != "13800000000" || r.Text != "123456" || !r.ReceivedAt.Equal(now) {
		t.Errorf("%s, %v", r.ID, err)
	}
	long := func(n int) string { return strings.Repeat("备", n) }
	if _, err := webhook.ParseReply("m-1", []byte(strings.Replace(body, "123456", long(500), 1))); err != nil {
		t.Errorf("500 characters: %v", err)
	}
	for name, c := range map[string]struct {
		body string
		want []finding.Code
	}{
		"nothing":          {"", []finding.Code{webhook.CodeBody}},
		"a list":           {"[]", []finding.Code{webhook.CodeBody}},
		"two objects":      {body + body, []finding.Code{webhook.CodeBody}},
		"an unknown field": {`{"to":"1"}`, []finding.Code{webhook.CodeBody}},
		"not UTF-8":        {strings.Replace(body, "123456", "\xff", 1), []finding.Code{webhook.CodeBody}},
		"a long text":      {strings.Replace(body, "123456", long(501), 1), []finding.Code{webhook.CodeText}},
		"a landline":       {strings.Replace(body, "13800000000", "010-12345678", 1), []finding.Code{"mobile-format"}},
		"all of it":        {"{}", []finding.Code{"mobile-missing", webhook.CodeText, webhook.CodeReceivedAt}},
	} {
		_, err := webhook.ParseReply("m-1", []byte(c.body))
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

func FuzzVerify(f *testing.F) {
	signed := webhook.Sign("m-1", []byte(body), now, old)
	f.Add(signed.ID, signed.Timestamp, signed.Signature, []byte(body))
	f.Add("m", signed.Timestamp, "v1, v1,AA== ,", []byte(nil))
	f.Fuzz(func(t *testing.T, id, timestamp, signature string, data []byte) {
		got, err := webhook.Verify([]webhook.Secret{old}, webhook.Headers{ID: id, Timestamp: timestamp, Signature: signature}, data, now)
		if err != nil {
			return
		}
		seconds, err := strconv.ParseInt(timestamp, 10, 64)
		if err != nil || got != id {
			t.Fatalf("%q passed as %q at %q", id, got, timestamp)
		}
		if want := webhook.Sign(id, data, time.Unix(seconds, 0), old); !strings.Contains(signature, want.Signature) {
			t.Errorf("passed with %q", signature)
		}
	})
}

func FuzzParseReply(f *testing.F) {
	f.Add([]byte(body))
	f.Add([]byte(`{"text":"１２３ ４５６"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := webhook.ParseReply("m-1", data)
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
