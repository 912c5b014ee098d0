package filing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// byHand returns an order that waits for its entry at the bureau.
func byHand(t *testing.T) *filingtest.Walk {
	t.Helper()
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.Transmit)
	if c := w.Decide(filing.Beian, filing.QueueUpload{ByHand: true}); c.QueueUpload || !w.Order.AwaitsEntry() || w.Order.Status != filing.Transmitted {
		t.Fatalf("%s at %s, uploaded: %t", w.Order.Status, w.Order.Step, c.QueueUpload)
	}
	return w
}

// enteredByHand returns an order that was entered at the bureau today.
func enteredByHand(t *testing.T) *filingtest.Walk {
	t.Helper()
	w := byHand(t)
	w.Decide(operator, filing.RecordEntry{On: workday.DateOf(w.At)})
	return w
}

func rightNumbers() filing.RecordApproval {
	return filing.RecordApproval{SubjectNumber: "浙ICP备2019000001号", Sites: []filing.GivenSite{{Number: " 浙ICP备2019000001-1 ", ID: "11"}}}
}

// TestRecordEntry: the bureau's deadline counts from the day of the entry, which can be corrected.
func TestRecordEntry(t *testing.T) {
	w := byHand(t)
	ready := workday.DateOf(w.At)
	w.At = w.At.AddDate(0, 0, 3)
	today := workday.DateOf(w.At)
	for _, wrong := range []workday.Date{"", "2019-02-30", ready.AddDays(-1), today.AddDays(1)} {
		wantFault(t, w, operator, filing.RecordEntry{On: wrong}, fault.Invalid, filing.CodeEntryDate)
	}
	wantFault(t, w, operator, rightNumbers(), fault.Conflict, filing.CodeEntryMissing)
	wantFault(t, w, operator, filing.RecordRefusal{Codes: []int{1002}}, fault.Conflict, filing.CodeEntryMissing)
	c := w.Decide(operator, filing.RecordEntry{On: today})
	b := w.Order.Bureau
	if w.Order.Status != filing.BureauReview || w.Order.AwaitsEntry() || len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeTransmitted ||
		!b.AcceptedAt.Equal(w.At) || !b.Deadline.After(w.At.AddDate(0, 0, 20)) || c.Entry.Facts["hand"] == "" || c.Entry.Decision != "receive" {
		t.Errorf("%s, %+v, notices %v, %+v", w.Order.Status, b, c.Notices, c.Entry)
	}
	wantError(t, w.Order, operator, filing.RecordEntry{On: today}, filing.ErrNothingToDo)
	c = w.Decide(operator, filing.RecordEntry{On: ready})
	if got := w.Order.Bureau; len(c.Notices) != 0 || workday.DateOf(got.AcceptedAt) != ready || !got.Deadline.Before(b.Deadline) {
		t.Errorf("after the correction: %+v, notices %v", got, c.Notices)
	}
}

// TestRecordApproval: the numbers go into the order and into the register, as those of a download do. A repetition has no effect.
func TestRecordApproval(t *testing.T) {
	w := enteredByHand(t)
	d := rightNumbers()
	c := w.Decide(operator, d)
	o := w.Order
	if o.Step != filing.Announce || o.Status != filing.Approved || o.Bureau.SubjectNumber.String() != "浙ICP备2019000001号" || c.Entry.Decision != "approve" ||
		c.Register == nil || c.Register.After.Number != o.Bureau.SubjectNumber || c.Register.After.Sites[0].Number.String() != "浙ICP备2019000001号-1" ||
		c.Register.After.Sites[0].MinistryID != "11" || c.Register.After.Sites[0].Domains[0].Name != o.Domains[0] {
		t.Fatalf("%s at %s, %+v, register %+v", o.Status, o.Step, o.Bureau, c.Register)
	}
	o.Register = c.Register.After
	if _, err := o.Apply(d, operator, w.At); !errors.Is(err, filing.ErrNothingToDo) {
		t.Errorf("a repetition: %v", err)
	}
	w.Order = o
	other := rightNumbers()
	other.Sites[0].Number = "浙ICP备2019000001号-2"
	wantFault(t, w, operator, other, fault.Conflict, filing.CodeResultRecorded)
	wantFault(t, w, operator, filing.RecordRefusal{Codes: []int{1002}}, fault.Conflict, filing.CodeResultRecorded)
	wantFault(t, w, operator, filing.RecordEntry{On: workday.DateOf(w.At).AddDays(1)}, fault.Conflict, filing.CodeStepOutOfOrder)
}

// TestRecordRefusal: the findings of the codes go to the applicant, and the next round is by hand only if it is queued so.
func TestRecordRefusal(t *testing.T) {
	w := enteredByHand(t)
	wantFault(t, w, operator, filing.RecordRefusal{}, fault.Invalid, filing.CodeRefusalEmpty)
	d := filing.RecordRefusal{Codes: []int{1003}, Opinion: "电话无人接听", Findings: reviewFindings}
	w.Decide(operator, d)
	o := w.Order
	if o.Status != filing.BureauRejected || !slices.Equal(o.Bureau.Codes, d.Codes) || o.Private.Opinion != d.Opinion || !o.Private.Findings.Has(filing.CodeAddressMissing) {
		t.Fatalf("%s, %+v", o.Status, o.Bureau)
	}
	wantError(t, o, operator, d, filing.ErrNothingToDo)
	wantFault(t, w, operator, filing.RecordRefusal{Codes: []int{1002}}, fault.Conflict, filing.CodeResultRecorded)
	wantFault(t, w, operator, rightNumbers(), fault.Conflict, filing.CodeResultRecorded)
	w.Decide(filing.Beian, filing.AnnounceResult{})
	w.Decide(filingtest.Applicant, filing.Resubmit{})
	if w.Order.ByHand || w.Order.Step != filing.CollectDetails {
		t.Errorf("after the resubmission at %s, by hand %t", w.Order.Step, w.Order.ByHand)
	}
	wantFault(t, w, operator, rightNumbers(), fault.Conflict, filing.CodeNotByHand)
}

// TestNotByHand: what is uploaded is not recorded by hand.
func TestNotByHand(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.AwaitBureau)
	for _, d := range []filing.Decision{filing.RecordEntry{On: workday.DateOf(w.At)}, rightNumbers(), filing.RecordRefusal{Codes: []int{1002}}} {
		wantFault(t, w, operator, d, fault.Conflict, filing.CodeNotByHand)
	}
}

// TestWrongNumbers: all wrong numbers are findings, at once.
func TestWrongNumbers(t *testing.T) {
	holder := func(key string) register.Filing { return register.Filing{Version: 1, SubjectKey: key} }
	site := func(text string) []filing.GivenSite { return []filing.GivenSite{{Number: text}} }
	const right = "浙ICP备2019000001号"
	for name, c := range map[string]struct {
		d    filing.RecordApproval
		want []string
	}{
		"nothing":            {filing.RecordApproval{}, []string{"filing-number-missing /sites/0/number", "filing-number-missing /subjectNumber"}},
		"no numbers":         {filing.RecordApproval{SubjectNumber: "ICP", Sites: site("2019")}, []string{"filing-number-malformed /sites/0/number", "filing-number-malformed /subjectNumber"}},
		"exchanged":          {filing.RecordApproval{SubjectNumber: right + "-1", Sites: site(right)}, []string{"filing-number-malformed /sites/0/number", "filing-number-malformed /subjectNumber"}},
		"another province":   {filing.RecordApproval{SubjectNumber: "京ICP备2019000001号", Sites: site("京ICP备2019000001号-1")}, []string{"filing-number-of-other-province /subjectNumber"}},
		"another serial":     {filing.RecordApproval{SubjectNumber: right, Sites: site("浙ICP备2019000002号-1")}, []string{"filing-number-of-other-subject /sites/0/number"}},
		"an app":             {filing.RecordApproval{SubjectNumber: right, Sites: site(right + "-1A")}, []string{"filing-number-of-other-service /sites/0/number"}},
		"too many sites":     {filing.RecordApproval{SubjectNumber: right, Sites: []filing.GivenSite{{Number: right + "-1"}, {Number: right + "-2"}}}, []string{"site-unknown /sites/1"}},
		"ids that are none":  {filing.RecordApproval{SubjectNumber: right, SubjectID: "x", Sites: []filing.GivenSite{{Number: right + "-1", ID: "0"}}}, []string{"ministry-id-malformed /sites/0/ministryId", "ministry-id-malformed /subjectMinistryId"}},
		"of another filing":  {filing.RecordApproval{SubjectNumber: right, Sites: site(right + "-1"), Holders: map[string]register.Filing{"/subjectNumber": holder("another")}}, []string{"filing-number-taken /subjectNumber"}},
		"an id of another":   {filing.RecordApproval{SubjectNumber: right, SubjectID: "7", Sites: site(right + "-1"), Holders: map[string]register.Filing{"/subjectMinistryId": holder("another")}}, []string{"filing-ministry-id-taken /subjectMinistryId"}},
		"of nobody":          {filing.RecordApproval{SubjectNumber: right, Sites: site(right + "-1"), Holders: map[string]register.Filing{"/subjectNumber": {}}}, nil},
		"a licence":          {filing.RecordApproval{SubjectNumber: "浙B2-20190001", Sites: site("浙B2-20190001-1")}, nil},
		"a national licence": {filing.RecordApproval{SubjectNumber: "合字B2-20190001", Sites: site("合字B2-20190001-1")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := enteredByHand(t)
			_, err := w.Order.Apply(c.d, operator, w.At)
			if got := places(fault.Of(err).Findings); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	t.Run("two sites with one number", func(t *testing.T) {
		w := enteredByHand(t)
		w.Order.Private.Sites = append(w.Order.Private.Sites, filing.Site{Name: "二", Domains: []filing.Domain{"second-example.cn"}})
		_, err := w.Order.Apply(filing.RecordApproval{SubjectNumber: right, Sites: []filing.GivenSite{{Number: right + "-1"}, {Number: right + "-1"}}}, operator, w.At)
		if got := places(fault.Of(err).Findings); !slices.Equal(got, []string{"filing-number-twice /sites/1/number"}) {
			t.Errorf("%q", got)
		}
	})
	t.Run("the subject has another number", func(t *testing.T) {
		w := enteredByHand(t)
		w.Order.Register = register.Filing{Version: 1, SubjectKey: w.Order.SubjectKey, Number: w.Approval().SubjectNumber,
			Sites: []register.FiledSite{{Number: w.Approval().SubjectNumber.Filing(1), Domains: []register.FiledDomain{{Name: "old-example.cn"}}}}}
		_, err := w.Order.Apply(filing.RecordApproval{SubjectNumber: "浙ICP备2019000009号", Sites: site("浙ICP备2019000009号-1")}, operator, w.At)
		if got := places(fault.Of(err).Findings); !slices.Equal(got, []string{"filing-number-differs /subjectNumber"}) {
			t.Errorf("%q", got)
		}
		_, err = w.Order.Apply(filing.RecordApproval{SubjectNumber: right, Sites: site(right + "-1")}, operator, w.At)
		if got := places(fault.Of(err).Findings); !slices.Equal(got, []string{"filing-number-of-other-site /sites/0/number"}) {
			t.Errorf("%q", got)
		}
	})
}

// places returns findings as "code pointer", in their order.
func places(found finding.List) []string {
	var all []string
	for _, f := range found {
		all = append(all, string(f.Code)+" "+f.Pointer)
	}
	return all
}

// TestOverdueByHand: the deadline counts from the entry; before it, nothing is overdue.
func TestOverdueByHand(t *testing.T) {
	w := byHand(t)
	w.At = w.At.AddDate(0, 2, 0)
	wantError(t, w.Order, filing.Beian, filing.Timeout{}, filing.ErrNothingToDo)
	w.Decide(operator, filing.RecordEntry{On: workday.DateOf(w.At)})
	w.At = w.Order.Bureau.Deadline.Add(time.Hour)
	w.Decide(filing.Beian, filing.Timeout{})
	if !w.Order.Bureau.Overdue {
		t.Error("not overdue after the deadline")
	}
}

// TestNotLookedUp: without a link to the bureau the type follows from our own records, finally, and the order says so.
func TestNotLookedUp(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.VerifyType)
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectUnasked: true, Unasked: true})})
	if o := w.Order; o.Type != filing.First || o.Provisional || !o.Private.Findings.Has(filing.CodeNotLookedUp) || o.Private.Findings.Has(filing.CodeSubjectUnasked) {
		t.Errorf("%s, provisional %t, %v", o.Type, o.Provisional, o.Private.Findings)
	}
}

// TestSiteNumber: without a link to the bureau, the number that the applicant gives says at which site of another provider the domains are filed.
func TestSiteNumber(t *testing.T) {
	const site = "浙ICP备2019000001号-3"
	notAsked := filing.Facts{SubjectUnasked: true, Unasked: true}
	opening := func(change func(*filing.Opening)) filingtest.Application {
		app := filingtest.IndividualZhejiang()
		app.Opening.SiteNumber = " 浙ICP备2019000001-3 "
		change(&app.Opening)
		return app
	}
	for name, c := range map[string]struct {
		change  func(*filing.Opening)
		code    finding.Code
		pointer string
	}{
		"no number":         {func(o *filing.Opening) { o.SiteNumber = "三号网站" }, filing.CodeSiteNumberForm, "/siteNumber"},
		"a subject's":       {func(o *filing.Opening) { o.SiteNumber = "浙ICP备2019000001号" }, filing.CodeSiteNumberForm, "/siteNumber"},
		"an app's":          {func(o *filing.Opening) { o.SiteNumber = site + "A" }, filing.CodeSiteNumberForm, "/siteNumber"},
		"of an app":         {func(o *filing.Opening) { o.ServiceKind = "app" }, filing.CodeSiteNumberOfApp, "/siteNumber"},
		"another subject's": {func(o *filing.Opening) { o.FilingNumber = "浙ICP备2019000002号" }, filing.CodeNumberSubject, "/siteNumber"},
		"another province":  {func(o *filing.Opening) { o.SiteNumber = "京ICP备2019000001号-3" }, filing.CodeFiledProvince, "/province"},
	} {
		opened, err := filing.Open(opening(c.change).OpenInput("01EXAMPLE"), filingtest.Applicant, filingtest.December2019)
		if found := findings(opened, err); !slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Code == c.code && f.Pointer == c.pointer }) {
			t.Errorf("%s: %v", name, found)
		}
	}
	for name, c := range map[string]struct {
		facts filing.Facts
		want  filing.Type
		code  finding.Code // that blocks
	}{
		"not known here":             {notAsked, filing.AddAccessForeign, ""},
		"the bureau says it is new":  {filing.Facts{}, filing.First, ""},
		"of another subject of ours": {filing.Facts{SubjectUnasked: true, Unasked: true, DomainFiled: true}, "", filing.CodeDomainHolder},
		"the subject is filed here":  {filing.Facts{SubjectUnasked: true, Unasked: true, SubjectKnown: true, SubjectFiled: true}, filing.AddAccessForeign, ""},
	} {
		w := filingtest.OpenAt(t, opening(func(*filing.Opening) {}), filingtest.December2019, filing.VerifyType)
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(c.facts), DomainFacts: w.DomainFacts()})
		o := w.Order
		if o.Type != c.want || c.code != "" && !o.Private.Findings.Has(c.code) {
			t.Errorf("%s: %s, %v", name, o.Type, o.Private.Findings)
		}
		if c.want != filing.AddAccessForeign {
			continue
		}
		if o.Filed == nil || o.Filed.Number.String() != "浙ICP备2019000001号" || o.Filed.Sites[0].Number.String() != site || !o.Private.Findings.Has(filing.CodeNotLookedUp) || !o.Private.Findings.Has(filing.CodeDomainFiled) {
			t.Errorf("%s: refers to %+v, %v", name, o.Filed, o.Private.Findings)
		}
	}
}

// TestMinistryIDTwice: two sites of a subject cannot have one id of the ministry, because a cancellation names the site by its id.
func TestMinistryIDTwice(t *testing.T) {
	const right = "浙ICP备2019000001号"
	t.Run("in one request", func(t *testing.T) {
		w := enteredByHand(t)
		w.Order.Private.Sites = append(w.Order.Private.Sites, filing.Site{Name: "二", Domains: []filing.Domain{"second-example.cn"}})
		wantFault(t, w, operator, filing.RecordApproval{SubjectNumber: right, Sites: []filing.GivenSite{{Number: right + "-1", ID: "11"}, {Number: right + "-2", ID: " 11"}}},
			fault.Invalid, filing.CodeMinistryIDTwice)
	})
	t.Run("of a filed site", func(t *testing.T) {
		w := enteredByHand(t)
		subject, err := number.ParseSubject(right)
		if err != nil {
			t.Fatal(err)
		}
		w.Order.Register = register.Filing{Version: 1, SubjectKey: w.Order.SubjectKey, Number: subject,
			Sites: []register.FiledSite{{Number: subject.Filing(1), MinistryID: "11", Domains: []register.FiledDomain{{Name: "old-example.cn"}}}}}
		wantFault(t, w, operator, filing.RecordApproval{SubjectNumber: right, Sites: []filing.GivenSite{{Number: right + "-2", ID: "11"}}}, fault.Invalid, filing.CodeMinistryIDTwice)
	})
}

// TestNumbersOfCancellation: a cancellation needs no numbers; those that the operator gives must be those of what is cancelled.
func TestNumbersOfCancellation(t *testing.T) {
	f := filedWithIDs(t)
	f.MinistryID = "1"
	first, second := f.Sites[0], f.Sites[1]
	for name, c := range map[string]struct {
		kind  filing.Type
		sites []int
		d     filing.RecordApproval
		want  []string
	}{
		"none":                  {filing.CancelSite, []int{1}, filing.RecordApproval{}, nil},
		"those of the site":     {filing.CancelSite, []int{1}, filing.RecordApproval{SubjectNumber: f.Number.String(), SubjectID: "1", Sites: []filing.GivenSite{{Number: second.Number.String(), ID: second.MinistryID}}}, nil},
		"those of another site": {filing.CancelSite, []int{1}, filing.RecordApproval{Sites: []filing.GivenSite{{Number: first.Number.String(), ID: "999"}}}, []string{"filing-number-differs /sites/0/number", "ministry-id-differs /sites/0/ministryId"}},
		"too many sites":        {filing.CancelSite, []int{1}, filing.RecordApproval{Sites: []filing.GivenSite{{}, {Number: first.Number.String()}}}, []string{"site-unknown /sites/1"}},
		"another subject":       {filing.CancelSubject, nil, filing.RecordApproval{SubjectNumber: "京ICP备2019999999号", SubjectID: "2"}, []string{"filing-number-differs /subjectNumber", "ministry-id-differs /subjectMinistryId"}},
		"no numbers":            {filing.CancelAccess, []int{1}, filing.RecordApproval{SubjectNumber: "ICP", SubjectID: "x"}, []string{"filing-number-malformed /subjectNumber", "ministry-id-malformed /subjectMinistryId"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &filingtest.Walk{T: t, App: filingtest.EnterpriseBeijing(), At: filingtest.December2019}
			w.Store = func(c filing.Change) filing.Order { c.Order.Register = f; return c.Order }
			w.ContinueWith(filing.Open(cancellation(t, c.kind, f, c.sites...), filingtest.Applicant, w.At))
			w.AdvanceTo(filing.Transmit)
			w.Decide(filing.Beian, filing.QueueUpload{ByHand: true})
			w.Decide(operator, filing.RecordEntry{On: workday.DateOf(w.At)})
			_, err := w.Order.Apply(c.d, operator, w.At)
			if got := places(fault.Of(err).Findings); !slices.Equal(got, c.want) || err != nil && len(c.want) == 0 {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}
