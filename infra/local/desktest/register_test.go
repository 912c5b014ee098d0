package desktest

import (
	"context"
	"testing"

	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/exchange"
)

// seed is a subject on file at the ministry.
func seed(number, domain string) simulator.Seed {
	return simulator.Seed{Name: "样例有限公司", Nature: 4, CertificateKind: 1, CertificateNumber: number, Division: 120101,
		Sites: []simulator.SeedSite{{Name: "样例网站", Domains: []string{domain}}}}
}

// TestRegister: what the ministry and our own records say of a subject and a domain.
func TestRegister(t *testing.T) {
	const domain = "beijing-example.com"
	mine := string(filingtest.BeijingFirm)
	for _, c := range []struct {
		name   string
		before func(*office)
		want   filing.Facts
		silent bool
	}{
		{"nothing is known", func(*office) {}, filing.Facts{}, false},
		{"the subject is on file", func(o *office) { o.steer(simulator.Scenario{Filed: []simulator.Seed{seed(mine, "other-example.com")}}) },
			filing.Facts{SubjectFiled: true}, false},
		{"both are on file", func(o *office) { o.steer(simulator.Scenario{Filed: []simulator.Seed{seed(mine, domain)}}) },
			filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true}, false},
		{"the domain is another's", func(o *office) {
			o.steer(simulator.Scenario{Filed: []simulator.Seed{seed(mine, "other-example.com"), seed(string(filingtest.JiangsuFirm), domain)}})
		}, filing.Facts{SubjectFiled: true, DomainFiled: true}, false},
		{"the domain is another's, and the subject is on file nowhere", func(o *office) {
			o.steer(simulator.Scenario{Filed: []simulator.Seed{seed(string(filingtest.JiangsuFirm), domain)}})
		}, filing.Facts{DomainFiled: true}, false},
		{"the ministry is closed", func(o *office) { closed := true; o.steer(simulator.Scenario{Maintenance: &closed}) }, filing.Facts{}, true},
		{"the ministry does not answer", func(o *office) { o.steer(simulator.Scenario{Unavailable: 1}) }, filing.Facts{}, true},
		{"the subject is on the blacklist", func(o *office) { o.black(exchange.BlacklistEntry{Subject: "key-of-01EXAMPLE"}) },
			filing.Facts{SubjectBlacklisted: true}, false},
		{"the domain is on the blacklist", func(o *office) { o.black(exchange.BlacklistEntry{Domain: domain}) }, filing.Facts{DomainBlacklisted: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			o.machine.cut("StartExecution")
			w := o.open()
			c.before(o)
			facts, silent, err := o.register.Find(t.Context(), w.Order)
			if err != nil || silent != c.silent || facts[domain] != c.want || len(facts) != 1 {
				t.Errorf("%+v, %v, %v", facts, silent, err)
			}
		})
	}
}

// TestRegisterKnowsOurs: what was filed through us is known even when the ministry is silent.
func TestRegisterKnowsOurs(t *testing.T) {
	o := newOffice(t)
	w := o.toEvidence()
	o.submit(w)
	o.await(filing.InitialReview)
	o.finish(w)
	o.steer(simulator.Scenario{Unavailable: 10})
	known := filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true, OurAccess: true}
	foreign, stranger := known, known
	foreign.SubjectBound = true
	stranger = filing.Facts{AccountBound: true, DomainFiled: true, OurAccess: true}
	for name, c := range map[string]struct {
		change func(*filing.Order)
		want   filing.Facts
	}{
		"the same":        {func(*filing.Order) {}, known},
		"another account": {func(o *filing.Order) { o.Account = "account-2" }, foreign},
		"another subject": {func(o *filing.Order) { o.SubjectKey = "another" }, stranger},
	} {
		order := w.Order
		c.change(&order)
		facts, silent, err := o.register.Find(t.Context(), order)
		if got := facts[order.Domains[0]]; err != nil || !silent || got != c.want {
			t.Errorf("%s: %+v, %v, %v", name, got, silent, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := o.register.Find(ctx, w.Order); err == nil {
		t.Error("facts without asking")
	}
}

// TestProvisionalType: a silent ministry does not stop an applicant; it is asked again before transmission.
func TestProvisionalType(t *testing.T) {
	o := newOffice(t)
	o.steer(simulator.Scenario{Unavailable: 2})
	w := o.toEvidence()
	if !w.Order.Provisional {
		t.Fatal("the type is not provisional")
	}
	o.submit(w)
	o.await(filing.InitialReview)
	o.steer(simulator.Scenario{Filed: []simulator.Seed{seed(string(filingtest.JiangsuFirm), "beijing-example.com")}})
	o.pass(w)
	o.await(filing.VerifySMS)
	o.answer(w)
	o.await(filing.InitialReview)
	if got := o.read(w); got.Step != filing.InitialReview || !got.Findings.Has(filing.CodeDomainOfOther) {
		t.Errorf("the order is at %s", got.Step)
	}
}

func (o *office) steer(s simulator.Scenario) {
	o.t.Helper()
	if err := o.ministry.Apply(s); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) black(e exchange.BlacklistEntry) {
	o.t.Helper()
	if err := o.store.SetBlacklisted(o.t.Context(), e, true); err != nil {
		o.t.Fatal(err)
	}
}
