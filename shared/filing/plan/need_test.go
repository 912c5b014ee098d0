package plan_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/plan"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
)

func kindsOf(documents []plan.Document) []evidence.Kind {
	var kinds []evidence.Kind
	for _, d := range documents {
		kinds = append(kinds, d.Slot.Kind())
	}
	return kinds
}

// TestNeeds: what is needed follows the province, the subject, the kind and the trade.
func TestNeeds(t *testing.T) {
	ask := func(p province.Code, e certificate.EntityKind, k filing.Type) plan.Question {
		return plan.Question{Province: p, Entity: e, Type: k}
	}
	app := ask("32", certificate.Enterprise, filing.First)
	app.Service = number.App
	news := ask("32", certificate.Enterprise, filing.First)
	news.Trade = preapproval.News
	for name, c := range map[string]struct {
		question plan.Question
		has      []evidence.Kind // needed
		possible []evidence.Kind // in other cases
		hasNot   []evidence.Kind
		codes    filing.CodeRecipients
		most     int
	}{
		"an enterprise in Jiangsu": {ask("32", certificate.Enterprise, filing.First),
			[]evidence.Kind{evidence.SubjectCertificateFront, evidence.SubjectLeaderCertificateBack, evidence.CommitmentLetter, evidence.ResponsibilityNotice, evidence.VerificationForm},
			[]evidence.Kind{evidence.SubjectAuthorizationLetter, evidence.LeaderCertificateFront, evidence.DomainCertificate},
			[]evidence.Kind{evidence.ResidencePermit, evidence.AppIcon, evidence.PreApproval, evidence.OtherDocument}, filing.AllLeaders, 22},
		"an enterprise in Guangdong": {ask("44", certificate.Enterprise, filing.First), nil, []evidence.Kind{evidence.ConstructionPlan}, nil, filing.AllLeaders, 22},
		"an individual in Beijing": {ask("11", certificate.Individual, filing.First),
			[]evidence.Kind{evidence.SubjectCertificateFront, evidence.SubjectCertificateBack, evidence.VerificationForm}, []evidence.Kind{evidence.DomainCertificate},
			[]evidence.Kind{evidence.SubjectLeaderCertificateFront, evidence.SubjectAuthorizationLetter}, filing.AllLeaders, 22},
		"a further site": {ask("33", certificate.Enterprise, filing.AddSiteOwn),
			[]evidence.Kind{evidence.LeaderCertificateFront, evidence.VerificationForm}, nil, []evidence.Kind{evidence.SubjectCertificateFront}, filing.SiteLeaders, 32},
		"a change": {ask("63", certificate.Enterprise, filing.ChangeFiling),
			[]evidence.Kind{evidence.SubjectCertificateFront, evidence.NameChangeCertificate, evidence.VerificationForm, evidence.LeaderPhoto}, nil,
			[]evidence.Kind{evidence.ConstructionPlan}, filing.AffectedLeaders, 22},
		"a cancellation":     {ask("32", certificate.Enterprise, filing.CancelAccess), nil, nil, []evidence.Kind{evidence.SubjectCertificateFront}, filing.NoCodes, 22},
		"documents":          {ask("32", certificate.Enterprise, filing.SubmitEvidence), nil, nil, []evidence.Kind{evidence.SubjectCertificateFront}, filing.NoCodes, 0},
		"an app":             {app, []evidence.Kind{evidence.AppIcon}, nil, nil, filing.AllLeaders, 22},
		"a trade":            {news, []evidence.Kind{evidence.PreApproval}, nil, nil, filing.AllLeaders, 22},
		"a proof of address": {ask("31", certificate.Individual, filing.First), nil, []evidence.Kind{evidence.ResidencePermit}, nil, filing.AllLeaders, 22},
	} {
		need := plan.NeedOf(c.question, today)
		needed, possible := kindsOf(need.Documents), kindsOf(need.Possible)
		for _, k := range c.has {
			if !slices.Contains(needed, k) {
				t.Errorf("%s does not need %s: %v", name, k, needed)
			}
		}
		for _, k := range c.possible {
			if !slices.Contains(possible, k) {
				t.Errorf("%s never needs %s: %v", name, k, possible)
			}
		}
		for _, k := range c.hasNot {
			if slices.Contains(needed, k) || slices.Contains(possible, k) {
				t.Errorf("%s needs %s", name, k)
			}
		}
		if need.Codes != c.codes || need.Days.Most != c.most {
			t.Errorf("%s: codes %s, at most %d days", name, need.Codes, need.Days.Most)
		}
	}
}

// TestNeedsEverywhere: each kind of application has an answer in each province, with a reason for each document.
func TestNeedsEverywhere(t *testing.T) {
	for _, p := range province.All() {
		for _, e := range []certificate.EntityKind{certificate.Enterprise, certificate.Individual} {
			for _, k := range filing.Kinds {
				for _, s := range k.Services() {
					need := plan.NeedOf(plan.Question{Province: p.Code, Entity: e, Type: k.Type, Service: s}, today)
					for _, d := range slices.Concat(need.Documents, need.Possible) {
						if d.Words.Chinese == "" || d.Reason.English == "" {
							t.Errorf("%s %d %s: %s has no words", p.Code, e, k.Type, d.Slot)
						}
					}
					if len(need.Documents) == 0 && k.Documents != filing.NoDocuments && k.Documents != filing.ChosenDocuments {
						t.Errorf("%s %d %s needs nothing", p.Code, e, k.Type)
					}
				}
			}
		}
	}
}
