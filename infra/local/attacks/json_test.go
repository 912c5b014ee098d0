package attacks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
	"beian/shared/rules/finding"
)

// TestFieldsTwice: a field that is given twice, at any depth and however its name is written, is refused at the field.
func TestFieldsTwice(t *testing.T) {
	me, _, id := applicantAt(t, 450, filing.CollectDetails)
	order := "/orders/" + string(id)
	for _, q := range []struct {
		user               *scenario.User
		method, path, body string
		want               string
	}{
		{me, "PUT", order + "/product", `{"server":"a","server":"b"}`, "field-twice /server"},
		{me, "PUT", order + "/product", `{"server":"a","\u0073erver":"b"}`, "field-twice /server"},
		{me, "PUT", order + "/product", `{"server":"a","Server":"b"}`, "field-unknown /Server"},
		{me, "PUT", order + "/product", `{"server":"a","ſerver":"b"}`, "field-unknown /ſerver"},
		{me, "PUT", order + "/details", `{"sites":[{},{"name":"a","domains":[],"name":"b"}]}`, "field-twice /sites/1/name"},
		{me, "PUT", order + "/details", `{"subject":{"leader":{"certificate":{"number":"1","number":"2"}}}}`, "field-twice /subject/leader/certificate/number"},
		{me, "PUT", order + "/details", `{"subject":{},"subject":{}}`, "field-twice /subject"},
		{me, "PUT", order + "/details", `{"unknown":{"a":1,"a":1}}`, "field-twice /unknown/a"},
		{me, "PUT", order + "/contact", `{"mobile":"18800000900","email":"a@invented-example.com","mobile":"18800000901"}`, "field-twice /mobile"},
		{me, "POST", "/orders", `{"province":"11","certificate":{"kind":2,"kind":1}}`, "field-twice /certificate/kind"},
		{me, "POST", order + "/confirmation", `{"digest":"a","digest":"b"}`, "field-twice /digest"},
		{me, "POST", order + "/evidence", `{"slots":[{"slot":"a","slot":"b","contentType":"image/png"}]}`, "field-twice /slots/0/slot"},
		{reviewer, "POST", order + "/review", `{"verdict":"pass","verdict":"reject"}`, "field-twice /verdict"},
		{reviewer, "POST", order + "/review", `{"verdict":"return","findings":[{"pointer":"/subject","message":{"zh-CN":"甲","zh-CN":"乙"}}]}`, "field-twice /findings/0/message/zh-CN"},
		{admin, "PUT", "/servers/s-450", `{"account":"a","account":"b","mode":5}`, "field-twice /account"},
		{me, "PUT", order + "/product", "\ufeff" + `{"server":"a"}`, "body-not-json "},
		{me, "PUT", order + "/product", `{"server":"a"} {"server":"b"}`, "body-not-json "},
		{me, "PUT", order + "/product", `{"server":"a"} // b`, "body-not-json "},
		{me, "PUT", order + "/product", `{"server":NaN}`, "body-not-json "},
		{me, "PUT", order + "/product", `{"server":'a'}`, "body-not-json "},
		{me, "PUT", order + "/product", "{\"server\":\"\xff\"}", "body-not-utf-8 "},
		{me, "PUT", order + "/product?a=1&a=2", `{}`, "parameter-twice "},
		{me, "GET", "/orders?limit=1&limit=2", ``, "parameter-twice "},
	} {
		send(t, q.user, scenario.Request{Method: q.method, Path: q.path, Body: []byte(q.body)}, 422, q.want)
	}
	for name, values := range map[string][]string{"Idempotency-Key": {"a", "b"}, "If-Match": {`"1"`, `"2"`}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, client.Portal+"/api/v1"+order+"/product", strings.NewReader(`{"server":"a"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {"Bearer " + me.Token()}, "Content-Type": {"application/json"}, name: values}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 422 {
			t.Errorf("%s twice: status %d", name, response.StatusCode)
		}
	}
	if o, err := me.Order(t.Context(), id); err != nil || o.Step != filing.CollectDetails {
		t.Errorf("the order is at %s, %v", o.Step, err)
	}
}

// TestWebhookFieldsTwice: the webhook of the SMS carrier refuses fields given twice, of another case and unknown, at the field.
func TestWebhookFieldsTwice(t *testing.T) {
	const rest = `"text":"123456","receivedAt":"2021-03-01T01:30:00Z"`
	for body, want := range map[string]string{
		`{"from":"18800000900",` + rest + `}`:                      "",
		`{"from":"18800000900","from":"18800000901",` + rest + `}`: "/from",
		`{"from":"18800000900","\u0066rom":"1",` + rest + `}`:      "/from",
		`{"From":"18800000900",` + rest + `}`:                      "/From",
		`{"from":"18800000900","Text":"654321",` + rest + `}`:      "/text",
		`{"from":"18800000900","more":{"a":1,"a":2},` + rest + `}`: "/more/a",
		`{"from":"18800000900","id":"450",` + rest + `}`:           "/id",
		`{"from":"18800000900",` + rest + `} {}`:                   "-",
		"\ufeff" + `{"from":"18800000900",` + rest + `}`:           "-",
		`[{"from":"18800000900",` + rest + `}]`:                    "-",
		"{\"from\":\"18800000900\xff\"," + rest + "}":              "-",
		`{"from":"18800000900",/*a*/` + rest + `}`:                 "-",
		strings.Repeat(`{"from":`, 500) + strings.Repeat("}", 500): "-",
		`null`: "/from",
		``:     "-",
	} {
		a, err := client.SendWebhook(t.Context(), []byte(body), webhook.Sign("450", []byte(body), time.Now(), client.SMSSecret).Map())
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Findings finding.List }
		if err := json.Unmarshal(a.Body, &answer); err != nil {
			t.Fatalf("%q: %.300s", body, a.Body)
		}
		switch {
		case bytes.Contains(a.Body, []byte(":null")), want == "" && a.Status != 200, want != "" && a.Status != 422, len(a.Body) > 8<<10,
			want == "-" && !has(answer.Findings, webhook.CodeBody, ""),
			strings.HasPrefix(want, "/") && body != "null" && !has(answer.Findings, webhook.CodeBody, want):
			t.Errorf("%.100q: %d %.400s", body, a.Status, a.Body)
		}
	}
}

// TestLoginFieldsTwice: the local issuer refuses fields given twice, in JSON and in a form.
func TestLoginFieldsTwice(t *testing.T) {
	form := url.Values{"grant_type": {"urn:beian:one-time-code"}, "login": {"+8618800000900", "+8618800000901"}, "code": {"123456"}}.Encode()
	for _, q := range []struct {
		path, kind, body string
	}{
		{"/identity/codes", "application/json", `{"phone_number":"+8618800000900","phone_number":"+8618800000901"}`},
		{"/identity/codes", "application/json", `{"phone_number":"+8618800000900","Phone_Number":"+8618800000901"}`},
		{"/identity/codes", "application/json", `{"PHONE_NUMBER":"+8618800000901"}`},
		{"/identity/codes", "application/json", `{"phone_number":"+8618800000900"}{}`},
		{"/identity/codes", "application/json", "\ufeff" + `{"phone_number":"+8618800000900"}`},
		{"/identity/codes", "application/json", `{"phone_number":"+8618800000900","admin":true}`},
		{"/identity/token", "application/x-www-form-urlencoded", form},
		{"/identity/token", "application/x-www-form-urlencoded", "grant_type=urn:beian:one-time-code&grant_type=x"},
		{"/identity/token", "application/x-www-form-urlencoded", "grant_type=urn:beian:one-time-code&" + strings.Repeat("n", 2000) + "=1&" + strings.Repeat("n", 2000) + "=2"},
	} {
		response, err := http.Post(client.Portal+q.path, q.kind, strings.NewReader(q.body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != 400 || !bytes.Contains(text, []byte("invalid_request")) || len(text) > 1<<10 {
			t.Errorf("%.100s: %d %.300s, %v", q.body, response.StatusCode, text, err)
		}
	}
	if sent := client.Sent("+8618800000901"); len(sent) > 0 {
		t.Error(fmt.Sprint(len(sent)) + " messages were sent")
	}
}
