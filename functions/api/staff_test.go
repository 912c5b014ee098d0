package api_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

func closings(t *testing.T, f *fixture) {
	me := f.applicant()
	first := "/orders/" + f.orderAt(filingtest.EnterpriseBeijing(), filing.VerifyProduct)
	me.do("POST "+first+"/abandonment", nil).wantStatus(202).wantValue("Abandon", "closing").wantValue("nobody", "next", "who")
	me.do("POST "+first+"/abandonment", nil).wantStatus(202)
	f.decide(strings.TrimPrefix(first, "/orders/"), filing.Close{})
	me.do("GET "+first, nil).wantStatus(200).wantValue("ABANDONED", "status")
	me.do("POST "+first+"/abandonment", nil).wantStatus(202) // abandoned before: no effect

	second := "/orders/" + f.orderAt(filingtest.EnterpriseBeijing(), filing.InitialReview)
	me.do("POST "+second+"/abandonment", nil).wantStatus(409, "step-out-of-order ")
	me.do("POST "+second+"/withdrawal", nil).wantStatus(202).wantValue("Withdraw", "closing")
	f.reviewer().do("POST "+second+"/claim", nil).wantStatus(409, "step-out-of-order ")
}

func listPages(t *testing.T, f *fixture) {
	me := f.applicant()
	for i := range 5 {
		f.now = f.now.Add(time.Minute)
		me.do("POST /orders", openingBody(filingtest.NumberedEnterprise(i))).wantStatus(201)
	}
	for _, made := range []string{`{"p":"x","a":"y"}`, `{"p":"ORDER#1","a":"` + strings.Repeat("z", 300) + `"}`, `{"p":"\u0000","a":"\u0000"}`} {
		a := me.do("GET /orders?cursor="+base64.RawURLEncoding.EncodeToString([]byte(made)), nil)
		if a.status != 200 && a.status != 422 {
			t.Errorf("a forged cursor: %d %s", a.status, a.text)
		}
	}
	var seen []string
	query := "?limit=2"
	for range 5 {
		part := me.do("GET /orders"+query, nil).wantStatus(200)
		for i := range part.value("items").([]any) {
			seen = append(seen, part.value("items", i, "domains", 0).(string))
		}
		link := part.headers["Link"]
		next, more := part.body["next"].(string)
		if !more {
			if link != "" {
				t.Errorf("the last page links to %s", link)
			}
			break
		}
		query = strings.TrimSuffix(strings.TrimPrefix(link, "</api/v1/orders"), `>; rel="next"`)
		if !strings.Contains(query, "cursor="+next) || !strings.Contains(query, "limit=2") {
			t.Fatalf("link %q, next %q", link, next)
		}
	}
	want := "[example-4.cn example-3.cn example-2.cn example-1.cn example-0.cn]"
	if fmt.Sprint(seen) != want {
		t.Errorf("listed %v, want %s", seen, want)
	}
}

// ledgerChanges: changed and missing entries are detected.
func ledgerChanges(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.CollectDetails)
	store, staff := f.store, f.reviewer()
	verified := func() any { return staff.do("GET /orders/"+id+"/ledger", nil).wantStatus(200).value("verified") }
	if verified() != true {
		t.Fatal("an unchanged ledger is not verified")
	}
	row := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "ORDER#" + id}, "sk": &types.AttributeValueMemberS{Value: "LEDGER#000002"}}
	found, err := store.Client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &store.Table, Key: row})
	if err != nil {
		t.Fatal(err)
	}
	doc := found.Item["doc"].(*types.AttributeValueMemberB)
	var entry map[string]any
	if err := dynamo.Unpack(doc.Value, &entry); err != nil || entry["decision"] != "determine-type" {
		t.Fatalf("%v, %v", entry["decision"], err)
	}
	entry["decision"] = "determine-typo"
	forged, err := dynamo.Pack(entry)
	if err != nil {
		t.Fatal(err)
	}
	for _, changed := range [][]byte{forged, []byte("not a document")} {
		doc.Value = changed
		if _, err := store.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &store.Table, Item: found.Item}); err != nil {
			t.Fatal(err)
		}
		if verified() != false {
			t.Error("a changed entry is not detected")
		}
	}
	if _, err := store.Client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &store.Table, Key: row}); err != nil {
		t.Fatal(err)
	}
	if verified() != false {
		t.Error("a missing entry is not detected")
	}
}

func initialReview(t *testing.T, f *fixture) {
	app := filingtest.EnterpriseBeijing()
	id := f.orderAt(app, filing.InitialReview)
	me, one, two, order := f.applicant(), f.reviewer(), f.staffAs("reviewer-2", "reviewer"), "/orders/"+id
	pass := map[string]any{"verdict": "pass"}
	one.do("POST "+order+"/review", pass).wantStatus(409, "not-claimed ")
	withoutContact := client{fixture: f, claims: claimsOf("reviewer admin")} // a token with which an own order would not be recognised
	withoutContact.do("POST "+order+"/claim", nil).wantStatus(403)
	withoutContact.do("GET "+order, nil).wantStatus(403)
	one.do("POST "+order+"/claim", nil).wantStatus(200)
	two.do("POST "+order+"/claim", nil).wantStatus(409, "claimed-by-another ")
	two.do("DELETE "+order+"/claim", nil).wantStatus(409, "not-claimed ")
	if seen := me.do("GET "+order, nil).wantStatus(200); strings.Contains(seen.text, "reviewer-1") {
		t.Error("the applicant sees who the reviewer is")
	}
	two.do("GET /review/orders", nil).wantStatus(200).wantValue("reviewer-1", "items", 0, "claim", "reviewer")
	one.do("DELETE "+order+"/claim", nil).wantStatus(200)
	two.do("POST "+order+"/claim", nil).wantStatus(200)
	f.now = f.now.Add(filing.ClaimDuration)
	one.do("POST "+order+"/claim", nil).wantStatus(200)
	one.do("POST "+order+"/review", map[string]any{"verdict": "pass", "documents": []string{"other", "subject-certificate-front", "x"}}).
		wantStatus(422, "paper-unknown /documents/0", "paper-unknown /documents/2")
	one.do("POST "+order+"/review", map[string]any{"verdict": "return"}).wantStatus(422, "reason-missing /findings")
	// Reasons that point at nothing of this application would be lost: they clear no part.
	reason := func(pointer string) map[string]any {
		return map[string]any{"pointer": pointer, "code": "address-missing"}
	}
	one.do("POST "+order+"/review", map[string]any{"verdict": "return", "findings": []any{
		reason("/sites/1/name"), reason("/sites/x"), reason("/sites/00"), reason("/evidence/sites/0/verification-form"), reason("/evidence/nothing"),
		reason("/evidence/sites~11~1verification-form"), reason("/sites/0"), reason("/evidence/sites~10~1verification-form"),
		reason("/evidence/other/size"), reason("/sites"), reason("/evidence"), reason(""),
	}}).wantStatus(422, "reason-pointer /findings/0/pointer", "reason-pointer /findings/1/pointer", "reason-pointer /findings/2/pointer",
		"reason-pointer /findings/3/pointer", "reason-pointer /findings/4/pointer", "reason-pointer /findings/5/pointer")
	one.do("POST "+order+"/review", map[string]any{"verdict": "reject", "findings": []any{reason("/sites/1")}}).wantStatus(422, "reason-pointer /findings/0/pointer")
	one.do("POST "+order+"/review", map[string]any{"verdict": "return", "findings": []any{
		map[string]any{"pointer": "/sites/0/name", "message": map[string]any{"zh-CN": "网站名称与内容不符 {words-en}"}},
		map[string]any{"pointer": "/evidence/subject-certificate-front", "code": "evidence-not-in-colour"},
	}}).wantStatus(200).wantValue("RETURNED", "status").wantValue("CollectDetails", "step").wantValue(true, "withheld")
	returned := me.do("GET "+order, nil).wantStatus(200, "reviewer /sites/0/name", "evidence-not-in-colour /evidence/subject-certificate-front")
	returned.wantValue("网站名称与内容不符 {words-en}", "findings", 0, "message", "en").wantValue("block", "findings", 1, "severity")
	me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).wantStatus(200).wantValue("RETURNED", "status")
	f.uploadRequired(me, order)
	digest := me.do("GET "+order+"/summary", nil).wantStatus(200).value("digest")
	me.do("POST "+order+"/confirmation", map[string]any{"digest": digest}).wantStatus(200)
	one.do("POST "+order+"/claim", nil).wantStatus(200)
	one.do("POST "+order+"/review", map[string]any{"verdict": "reject", "findings": []any{
		map[string]any{"pointer": "", "message": map[string]any{"zh-CN": "主体不存在", "en": "There is no such subject"}}}}).wantStatus(200).wantValue("Reject", "closing")
	one.do("POST "+order+"/review", pass).wantStatus(409, "step-out-of-order ")
}

func reviewReasons(t *testing.T, f *fixture) {
	order := "/orders/" + f.orderAt(filingtest.EnterpriseBeijing(), filing.VerifyType)
	long := strings.Repeat("字", 501)
	f.reviewer().do("POST "+order+"/review", map[string]any{"verdict": "return", "documents": []string{"other"}, "findings": []any{
		map[string]any{"pointer": "/contact", "code": "site-unknown"},
		map[string]any{"pointer": "/subjects", "code": "site-unknown"},
		map[string]any{"pointer": "subject", "code": "nothing-like-it"},
		map[string]any{"pointer": "/product"},
		map[string]any{"pointer": "/product", "code": "site-unknown", "message": map[string]any{"zh-CN": "好"}},
		map[string]any{"pointer": "/authenticity", "message": map[string]any{"zh-CN": long, "en": long}},
		map[string]any{"pointer": "", "message": map[string]any{"zh-CN": "  "}},
	}}).wantStatus(422,
		"verdict-with-wrong-parts /documents", "reason-pointer /findings/0/pointer", "reason-pointer /findings/1/pointer",
		"reason-pointer /findings/2/pointer", "reason-code-unknown /findings/2/code", "reason-code-or-message /findings/3",
		"reason-words /findings/5/message/zh-CN", "reason-words /findings/5/message/en",
		"reason-words /findings/6/message/zh-CN")
	f.reviewer().do("POST "+order+"/review", map[string]any{"verdict": "pass", "findings": []any{map[string]any{"pointer": "", "code": "site-unknown"}}}).
		wantStatus(422, "verdict-with-wrong-parts /findings")
	f.reviewer().do("POST "+order+"/review", map[string]any{"verdict": "maybe"}).wantStatus(422, "field-value /verdict")
}

func inventoryOperations(t *testing.T, f *fixture) {
	admin := f.admin()
	for _, unknown := range []string{"/servers/ecs-1", "/service-codes/CODE-0001"} {
		if found := admin.do("GET "+unknown, nil).wantStatus(404).findings(); len(found) > 0 {
			t.Errorf("%s: the findings are for applicants: %v", unknown, found)
		}
	}
	server := map[string]any{"account": "account-1", "placement": "33", "mode": 5, "ips": []string{"8.130.1.1"},
		"rentedAt": "2019-12-01T00:00:00+08:00", "expiresAt": "2020-12-01T00:00:00Z", "quota": 5}
	for range 2 {
		admin.do("PUT /servers/ecs-1", server).wantStatus(200).wantValue("ecs-1", "id").wantValue("2019-11-30T16:00:00Z", "rentedAt").wantValue(float64(0), "used")
	}
	admin.do("GET /servers/ecs-1", nil).wantStatus(200).wantValue("33", "placement")
	admin.do("PUT /servers/ecs-1", map[string]any{"account": "a", "placement": "99", "mode": 5, "ips": []string{"8.130.1"},
		"rentedAt": "2020-12-01T00:00:00Z", "expiresAt": "2019-12-01T00:00:00Z", "quota": 5}).wantStatus(422,
		"server-province-unknown /placement", "server-address-malformed /ips/0", "server-dates /expiresAt")
	admin.do("PUT /servers/ecs-1", map[string]any{"id": "ecs-2"}).wantStatus(422)
	server["ips"], server["placement"] = []string{"\u202d ８。１３０．１.1\u202c", "\u200b2001:DB8::1", "::ffff:8.130.1.2"}, "３３\u200b"
	admin.do("PUT /servers/ecs-1", server).wantStatus(200).wantValue("8.130.1.1", "ips", 0).wantValue("2001:db8::1", "ips", 1).wantValue("8.130.1.2", "ips", 2).
		wantValue("33", "placement")
	server["ips"] = nil
	if admin.do("PUT /servers/ecs-2", server).wantStatus(200).value("ips") == nil {
		t.Error("the addresses are null")
	}
	admin.do("PUT /servers/e%20c", server).wantStatus(422, "parameter-invalid ")
	admin.do("PUT /service-codes/CODE-0001", map[string]any{"server": "nothing"}).wantStatus(422, "server-unknown /server")
	admin.do("PUT /service-codes/CODE-0001", map[string]any{"server": "ecs-1", "account": "account-1"}).wantStatus(200).wantValue("ecs-1", "server")
	admin.do("GET /service-codes/CODE-0001", nil).wantStatus(200).wantValue("account-1", "account")
	admin.do("PUT /service-codes/CODE-0001", map[string]any{"server": "ecs-1", "account": "a b"}).wantStatus(422, "field-value /account")
	admin.do("PUT /service-codes/short", map[string]any{"server": "ecs-1"}).wantStatus(422, "parameter-invalid ")
}

func storeUnavailable(t *testing.T, f *fixture) {
	f.store.Client = dynamo.ClientOf(dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: aws.String("http://127.0.0.1:1"), Credentials: login, Retryer: aws.NopRetryer{}}))
	a := f.applicant().do("GET /orders", nil).wantStatus(503)
	if a.headers["Retry-After"] == "" || strings.Contains(a.text, "127.0.0.1") {
		t.Errorf("%v %s", a.headers, a.text)
	}
	if !strings.Contains(f.log.String(), "request failed") {
		t.Error("the cause is not in the log")
	}
}
