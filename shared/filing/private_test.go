package filing_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// TestPersonalDataAreNotPrinted: fmt, slog and JSON show no personal data of orders, changes and decisions.
func TestPersonalDataAreNotPrinted(t *testing.T) {
	for _, step := range filing.Steps {
		app := inTianjin()
		w := filingtest.OpenAt(t, app, filingtest.December2019, step)
		if step == filing.VerifySMS {
			w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
		}
		o := w.Order
		c := filing.Change{Order: o}
		secrets := append(secretsIn(t, o.Private), "100001", "010009")
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			for _, value := range []any{o, &o, o.Private, o.Private.Subject, o.Private.Sites, o.Private.Codes, o.Private.Contact, c,
				app.Opening, filing.EnterDetails{Subject: app.Subject, Sites: app.Sites}, o.Private.Subject.Certificate,
				filing.CorrectType{Opening: app.Opening}, app.OpenInput("1"), o.Summary(), filing.AnswerSMS{Mobile: "19900000001", Code: "100001", CertificateTail: "010009"}} {
				checkNoSecrets(t, fmt.Sprintf(verb, value), secrets, verb, value)
			}
		}
		var log bytes.Buffer
		for _, l := range []*slog.Logger{slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil))} {
			l.Info("x", "order", o, "private", o.Private, "subject", o.Private.Subject, "leader", o.Private.Subject.Leader,
				"contact", o.Private.Contact, "certificate", o.Private.Subject.Certificate, "entry", c.Entry)
			for _, s := range o.Private.Sites {
				l.Info("x", "site", s)
			}
			for _, sent := range o.Private.Codes {
				l.Info("x", "sent", sent)
			}
		}
		checkNoSecrets(t, log.String(), secrets, "slog", o)
		doc, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		checkNoSecrets(t, string(doc), secrets, "JSON", o)
	}
}

// TestExplanationsAreNotPrinted: fmt and slog show neither explanations nor reasons, which may name people.
func TestExplanationsAreNotPrinted(t *testing.T) {
	w := explainedOrder(t)
	pass := filing.Pass{Overrides: []filing.OverrideRequest{overrideName}}
	c := w.Decide(filingtest.Reviewer, pass)
	secrets := []string{"作品", "属实"}
	values := []any{pass, &pass, c, w.Order, w.Order.Private.Explained, w.Order.Private.Explained[0].Override, w.Order.Summary(),
		entered(digitsOnly(), nameExplained), filing.Opening{Explanations: []filing.Explanation{nameExplained}}}
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
			checkNoSecrets(t, fmt.Sprintf(verb, value), secrets, verb, value)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "explained", w.Order.Private.Explained[0], "override", overrideName, "explanation", nameExplained,
		"accepted", *w.Order.Private.Explained[0].Override)
	checkNoSecrets(t, log.String(), secrets, "slog", w.Order)
}

// secretsIn returns the texts in Private that must not appear in a log.
func secretsIn(t *testing.T, p filing.Private) []string {
	t.Helper()
	secrets := []string{p.Contact.Mobile.Reveal(), p.Contact.Email.Reveal(), p.Subject.CertificateAddress, p.Subject.Address,
		p.Subject.Investor, p.Subject.Remark, p.Subject.Name.Reveal(), p.Subject.Certificate.Number.Reveal()}
	leaders := []filing.Leader{p.Subject.Leader}
	for _, s := range p.Sites {
		leaders = append(leaders, s.Leader)
		secrets = append(secrets, s.Remark)
	}
	for _, l := range leaders {
		secrets = append(secrets, l.Name.Reveal(), l.Certificate.Number.Reveal(), l.Mobile.Reveal(), l.EmergencyPhone.Reveal(),
			l.OfficePhone.Reveal(), l.Email.Reveal())
	}
	for _, sent := range p.Codes {
		secrets = append(secrets, sent.CertificateTail, sent.Code)
	}
	for _, s := range secrets {
		secrets = append(secrets, fmt.Sprintf("%x", s))
	}
	return secrets
}

func checkNoSecrets(t *testing.T, printed string, secrets []string, how string, value any) {
	t.Helper()
	for _, s := range secrets {
		if s != "" && strings.Contains(printed, s) {
			t.Errorf("%s of a %T shows personal data", how, value)
		}
	}
}
