package api_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	provider "beian/shared/partners/liveness"
	"beian/shared/process/inspection"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/liveness"
	pictures "beian/shared/rules/picture"
	"beian/shared/web"
)

func paperUploads(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.CollectEvidence)
	me, order := f.applicant(), "/orders/"+id
	list := me.do("GET "+order+"/evidence", nil).wantStatus(200).wantValue(float64(20<<20), "limits", "maxBytes")
	if owed := list.value("owed").([]any); len(owed) < 4 {
		t.Errorf("owed %v", owed)
	}
	ask := func(slots ...string) map[string]any {
		var all []map[string]any
		for _, s := range slots {
			all = append(all, map[string]any{"slot": s, "contentType": "image/png"})
		}
		return map[string]any{"slots": all}
	}
	me.do("POST "+order+"/evidence", ask("nothing", "other", "sites/9/domain-certificate", "../x")).wantStatus(422,
		"evidence-slot-unknown /slots/0/slot", "evidence-slot-unknown /slots/2/slot", "evidence-slot-unknown /slots/3/slot")

	const front, form, photo = "subject-certificate-front", "sites/0/verification-form", "sites/0/leader-certificate-front"
	said := f.uploadPapers(me, order, map[string][]byte{front: picture, form: []byte("%PDF-1.4"), photo: picture[:len(picture)/2]})
	bad := me.do("PUT "+order+"/evidence", map[string]any{"papers": said}, "idempotency-key", "papers").wantStatus(422,
		"evidence-is-pdf /evidence/sites~10~1verification-form", "evidence-unreadable /evidence/sites~10~1leader-certificate-front")
	if !strings.Contains(bad.value("detail").(string), "accepted: 1") {
		t.Errorf("detail %q", bad.value("detail"))
	}
	kept := me.do("GET "+order, nil).wantStatus(200)
	if n := len(kept.value("evidence").(map[string]any)); n != 1 || strings.Contains(kept.text, "orders/"+id+"/subject") {
		t.Errorf("%d papers kept: %s", n, kept.text)
	}
	if again := me.do("PUT "+order+"/evidence", map[string]any{"papers": said}, "idempotency-key", "papers").wantStatus(422); again.text != bad.text {
		t.Errorf("the repeated request got %s, the first %s", again.text, bad.text)
	}
	me.do("PUT "+order+"/evidence", map[string]any{"papers": said}).wantStatus(422)
	me.do("GET "+order, nil).wantStatus(200).wantValue(kept.value("version"), "version") // a repetition changes nothing

	for contentType, want := range map[string]string{"image/heic": "evidence-is-heic", "application/pdf": "evidence-is-pdf", "image/gif": "evidence-not-jpg-or-png"} {
		me.do("POST "+order+"/evidence", map[string]any{"slots": []any{map[string]any{"slot": "other", "contentType": contentType}}}).
			wantStatus(422, want+" /slots/0/contentType")
	}
	me.do("POST "+order+"/evidence", map[string]any{"slots": []any{map[string]any{"slot": "other", "contentType": "image/jpg"}}}).wantStatus(201).
		wantValue("image/jpeg", "forms", 0, "form", "fields", "Content-Type")

	for redirect, valid := range map[string]bool{
		"https://filing.example/orders/x/papers/other": true, "http://127.0.0.1:8080/x": true, "http://filing.example/x": false, "javascript:alert(1)": false, "//filing.example": false,
		"https://filing.example/x?y": false, "https://a@filing.example/x": false, "/orders/x": false,
	} {
		request := map[string]any{"slots": []any{map[string]any{"slot": "other", "contentType": "image/png", "redirect": redirect}}}
		if !valid {
			me.do("POST "+order+"/evidence", request).wantStatus(422, "evidence-redirect-invalid /slots/0/redirect")
			continue
		}
		me.do("POST "+order+"/evidence", request).wantStatus(201).wantValue(redirect, "forms", 0, "form", "fields", "success_action_redirect")
	}

	sent := me.do("GET "+order+"/evidence/copy?slot="+front, nil).wantStatus(200)
	if got := sent.headers["Content-Type"]; got != "image/jpeg" || len(sent.text) > evidence.AttachmentLimit || !strings.HasPrefix(sent.text, "\xff\xd8\xff") {
		t.Errorf("a copy of type %s with %d bytes", got, len(sent.text))
	}
	me.do("GET "+order+"/evidence/copy?slot="+form, nil).wantStatus(422, "evidence-not-uploaded ")
	me.do("GET "+order+"/evidence/copy?slot=../x", nil).wantStatus(422, "evidence-not-uploaded ")
	me.do("GET "+order+"/evidence/copy", nil).wantStatus(422, "evidence-not-uploaded ")
	f.clientAs("account-2", "applicant").do("GET "+order+"/evidence/copy?slot="+front, nil).wantStatus(404)

	key := said[0]["key"].(string)
	slot := said[0]["slot"].(string)
	other := map[string]string{front: form, form: front, photo: front}[slot]
	for name, tc := range map[string]struct {
		slot, key string
		want      string
	}{
		"a key of another slot":    {other, key, "evidence-key-foreign /papers/0/key"},
		"an accepted object":       {slot, key + "-" + strings.Repeat("0", 64), "evidence-key-foreign /papers/0/key"},
		"another order's":          {slot, strings.Replace(key, id, "01JCZK3V7M8N9P0Q1R2S3T4V5W", 1), "evidence-key-foreign /papers/0/key"},
		"a way up":                 {slot, "orders/" + id + "/" + slot + "/../01JCZK3V7M8N9P0Q1R2S3T4V5W", "evidence-key-foreign /papers/0/key"},
		"nothing":                  {slot, "", "evidence-key-foreign /papers/0/key"},
		"a slot that nobody has":   {"sites/0/nothing", key, "evidence-slot-unknown /papers/0/slot"},
		"a site that is not there": {"sites/1/domain-certificate", key, "evidence-slot-unknown /papers/0/slot"},
	} {
		t.Run(name, func(t *testing.T) {
			me.do("PUT "+order+"/evidence", map[string]any{"papers": []any{map[string]any{"slot": tc.slot, "key": tc.key}}}).wantStatus(422, tc.want)
		})
	}
	// The other documents beside one that was not requested are accepted.
	const unasked, letter = "name-change-certificate", "sites/0/authorization-letter"
	me.do("PUT "+order+"/evidence", map[string]any{"papers": f.uploadPapers(me, order, map[string][]byte{unasked: picture, letter: picture})}).
		wantStatus(422, "evidence-not-asked-for /evidence/"+unasked)
	if me.do("GET "+order, nil).wantStatus(200).value("evidence", letter) == nil {
		t.Error("the other paper was not accepted")
	}
	absent := me.do("POST "+order+"/evidence", ask("other")).wantStatus(201).value("forms", 0, "key")
	me.do("PUT "+order+"/evidence", map[string]any{"papers": []any{map[string]any{"slot": "other", "key": absent}}}).wantStatus(422, "evidence-not-uploaded /evidence/other")
	me.do("PUT "+order+"/evidence", map[string]any{"papers": []any{said[0], said[0]}}).wantStatus(422)

	// What the store would refuse in English is refused when it is submitted.
	for want, file := range map[string][]byte{"evidence-empty": {}, "evidence-too-large": make([]byte, evidence.MaxUpload+1)} {
		forms := me.do("POST "+order+"/evidence", map[string]any{"slots": []any{map[string]any{"slot": "other", "contentType": ""}}}).wantStatus(201)
		f.postForm(forms.value("forms", 0, "form").(map[string]any), file)
		me.do("PUT "+order+"/evidence", map[string]any{"papers": []any{map[string]any{"slot": "other", "key": forms.value("forms", 0, "key")}}}).
			wantStatus(422, want+" /evidence/other")
	}

	// A small grey picture is accepted with warnings for the reviewer.
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 400, 300))); err != nil {
		t.Fatal(err)
	}
	forms := me.do("POST "+order+"/evidence", ask("other")).wantStatus(201)
	f.postForm(forms.value("forms", 0, "form").(map[string]any), small.Bytes())
	warned := me.do("PUT "+order+"/evidence", map[string]any{"papers": []any{map[string]any{"slot": "other", "key": forms.value("forms", 0, "key")}}}).wantStatus(200)
	if warnings := warned.value("evidence", "other", "warnings").([]any); len(warnings) != 2 {
		t.Errorf("warnings %v", warnings)
	}

	// A reviewer opens papers under a claim. The audit records it, and the order keeps its version.
	f.reviewer().do("POST "+order+"/evidence/views", map[string]any{"slot": front}).wantStatus(409, "step-out-of-order ")
	f.confirm(me, id)
	f.reviewer().do("POST "+order+"/evidence/views", map[string]any{"slot": front}).wantStatus(409, "not-claimed ")
	f.reviewer().do("POST "+order+"/claim", nil).wantStatus(200)
	view := f.reviewer().do("POST "+order+"/evidence/views", map[string]any{"slot": front}).wantStatus(201)
	link := "GET " + strings.TrimPrefix(view.value("url").(string), web.Prefix)
	shown := client{fixture: f}.do(link, nil).wantStatus(200)
	if _, err := jpeg.Decode(strings.NewReader(shown.text)); err != nil || shown.headers["Content-Type"] != "image/jpeg" || shown.headers["Cache-Control"] != "private, no-store" {
		t.Errorf("the link shows %d bytes, %v, %v", len(shown.text), shown.headers, err)
	}
	f.now = f.now.Add(time.Minute)
	if later := (client{fixture: f}).do(link, nil).wantStatus(200); later.text == shown.text || shown.text == string(picture) {
		t.Error("the picture is not marked with the time")
	}
	f.reviewer().do("DELETE "+order+"/claim", nil).wantStatus(200)
	f.staffAs("reviewer-2", "reviewer").do("POST "+order+"/claim", nil).wantStatus(200)
	client{fixture: f}.do(link, nil).wantStatus(404) // of a reviewer who gave the claim up
	f.staffAs("reviewer-2", "reviewer").do("DELETE "+order+"/claim", nil).wantStatus(200)
	tag := f.reviewer().do("POST "+order+"/claim", nil).wantStatus(200).headers["Etag"]
	link = "GET " + strings.TrimPrefix(f.reviewer().do("POST "+order+"/evidence/views", map[string]any{"slot": front}).wantStatus(201).value("url").(string), web.Prefix)
	client{fixture: f}.do(link, nil).wantStatus(200)
	client{fixture: f}.do(link+"0", nil).wantStatus(404)
	client{fixture: f}.do("GET /evidence-views/nothing", nil).wantStatus(404)
	f.now = f.now.Add(2 * time.Minute)
	client{fixture: f}.do(link, nil).wantStatus(404)
	f.reviewer().do("POST "+order+"/evidence/views", map[string]any{"slot": "residence-permit"}).wantStatus(404)
	f.reviewer().do("POST "+order+"/evidence/views", map[string]any{"slot": "nothing"}).wantStatus(404)
	list = me.do("GET "+order+"/staff-reads", nil).wantStatus(200).wantValue("paper", "items", 0, "what").wantValue("review", "items", 0, "purpose").
		wantValue(front, "items", 0, "slot").wantValue(kept.value("evidence", front, "sha256"), "items", 0, "sha256").wantValue(true, "items", 0, "verified")
	if n := len(list.value("items").([]any)); n != 2 || strings.Contains(list.text, "reviewer-1") {
		t.Errorf("the owner sees %d reads, want 2 without the account: %s", n, list.text)
	}
	f.admin().do("GET "+order+"/staff-reads", nil).wantStatus(200).wantValue("reviewer-1", "items", 0, "account")
	if after := me.do("GET "+order, nil).wantStatus(200); after.headers["Etag"] != tag {
		t.Error("a read of staff changed the version")
	}
}

// papersNearTheTimeout: pictures that cannot be checked before the function's timeout are refused in time, and are accepted when they are
// submitted again.
func papersNearTheTimeout(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.CollectEvidence)
	me, order := f.applicant(), "/orders/"+id
	said := map[string]any{"papers": f.uploadPapers(me, order, map[string][]byte{"subject-certificate-front": picture, "sites/0/verification-form": picture})}
	hurried := me
	hurried.timeout = 4 * time.Second
	hurried.do("PUT "+order+"/evidence", said).wantStatus(422,
		"evidence-in-another-request /evidence/subject-certificate-front", "evidence-in-another-request /evidence/sites~10~1verification-form")
	me.do("PUT "+order+"/evidence", said).wantStatus(200)
}

func livenessChecks(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.VerifyAuthenticity)
	me, order := f.applicant(), "/orders/"+id
	me.do("POST "+order+"/challenges", map[string]any{"site": 1}).wantStatus(422, "site-unknown /site")
	me.do("PUT "+order+"/challenges/nothing", captureBody([]byte("x"))).wantStatus(404, "liveness-challenge-unknown ")
	c := f.startChallenge(me, id, 0)
	me.do("PUT "+order+"/challenges/"+c.ID, captureBody(bytes.Repeat([]byte{'x'}, liveness.MaxCapture+1))).wantStatus(413)
	me.do("PUT "+order+"/challenges/"+c.ID, captureBody([]byte("short"))).wantStatus(422, "liveness-not-one-face /sites/0", "liveness-simulated /sites/0")
	me.do("PUT "+order+"/challenges/"+c.ID, captureBody(provider.PassingCapture(c))).wantStatus(409, "liveness-challenge-used ").
		wantValue("This liveness check has already been used.", "detail")
	issue := func(key string) any {
		return me.do("POST "+order+"/challenges", map[string]any{"site": 0}, "idempotency-key", key).wantStatus(201).value("id")
	}
	first := issue("first")
	if second := issue("second"); second == first || issue("first") != first || issue("second") != second {
		t.Error("a repeated request does not get its own challenge")
	}
	late := f.startChallenge(me, id, 0)
	f.now = f.now.Add(liveness.Lifetime + time.Second)
	me.do("PUT "+order+"/challenges/"+late.ID, captureBody(provider.PassingCapture(late))).wantStatus(409, "liveness-challenge-expired ")
	f.passLiveness(me, id, 0).wantStatus(200).wantValue("AwaitConfirmation", "step").wantValue(true, "authentic", 0, "simulated")
	for range filing.ChallengesPerDay - 5 {
		f.startChallenge(me, id, 0)
	}
	me.do("POST "+order+"/challenges", map[string]any{"site": 0}).wantStatus(429, "liveness-too-many ").wantValue("Please try again later.", "detail")
}

// inspectedUploads: the result of inspecting a large upload when it arrived is used if it is of exactly this file, and deleted with the upload. Without it, the request inspects the file.
func inspectedUploads(t *testing.T, f *fixture) {
	const front = evidence.Slot(evidence.SubjectCertificateFront)
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.CollectEvidence)
	me, order := f.applicant(), "/orders/"+id
	large := append(bytes.Clone(picture), make([]byte, inspection.MinSize)...)
	upload := func(file []byte) (form map[string]any, key evidence.Key) {
		t.Helper()
		forms := me.do("POST "+order+"/evidence", map[string]any{"slots": []any{map[string]any{"slot": front, "contentType": "image/jpeg"}}}).wantStatus(201)
		form = forms.value("forms", 0, "form").(map[string]any)
		f.postForm(form, file)
		return form, evidence.Key(forms.value("forms", 0, "key").(string))
	}
	submit := func(key evidence.Key) answer {
		t.Helper()
		return me.do("PUT "+order+"/evidence", map[string]any{"papers": []any{map[string]any{"slot": front, "key": key}}})
	}
	store := func(key evidence.Key, done inspection.Result, file []byte) {
		t.Helper()
		sealed, err := done.Seal(key, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.uploads.WriteObject(t.Context(), key.Inspected(), sealed); err != nil {
			t.Fatal(err)
		}
	}
	inspect := func(file []byte) inspection.Result {
		t.Helper()
		done, err := inspection.Inspect(t.Context(), front, file, pictures.NewBudget())
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	wantGone := func(key string) {
		t.Helper()
		if _, err := f.uploads.ReadObject(t.Context(), key, 1); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s was not deleted: %v", key, err)
		}
	}

	_, key := upload(large) // the event is lost
	submit(key).wantStatus(200)
	wantGone(string(key))

	refused := inspect([]byte("%PDF-1.4"))
	form, key := upload(large)
	store(key, refused, large)
	submit(key).wantStatus(422, "evidence-is-pdf "+evidence.Pointer(front)) // the result is used
	f.postForm(form, append(large, 0))                                      // a second file under the same key
	submit(key).wantStatus(200)
	wantGone(string(key))

	_, key = upload(large)
	store(key, inspect(large), large)
	submit(key).wantStatus(200)
	wantGone(string(key))
	wantGone(key.Inspected())
	sent := me.do("GET "+order+"/evidence/copy?slot="+string(front), nil).wantStatus(200)
	if sent.text != string(picture) { // an upright picture within the limit, without what is behind its end
		t.Errorf("the copy has %d bytes, want %d", len(sent.text), len(picture))
	}

	bomb := append([]byte("%PDF-1.4"), large...) // a bad file whose result says that it is good
	_, key = upload(bomb)
	store(key, inspect(large), large)
	submit(key).wantStatus(422, "evidence-is-pdf "+evidence.Pointer(front))
}
