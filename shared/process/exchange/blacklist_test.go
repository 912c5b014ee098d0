package exchange_test

import (
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/certificate"
)

// lists: changes of the blacklist apply at once. Unfiled sites and notices become tasks.
func lists(w *system) {
	w.offerFile(document.ICPDownload{
		Blacklist: &document.Blacklist{
			Subjects: []document.BlacklistedSubject{{Entry: document.AddEntry, Subject: &document.BlacklistSubject{
				Name: "示例人", Certificate: document.BlacklistCertificate{Kind: 2, Number: residentID(7).Reveal()},
			}}},
			Sites: []document.BlacklistedSite{{Entry: document.AddEntry, Site: document.BlacklistSite{
				Name: "示例", Domains: []document.BlacklistDomain{{Name: "Black-Example.com"}},
			}}},
		},
		Unfiled: []document.UnfiledSite{{ID: 1, Domain: "unfiled-example.com", IP: 1, Carrier: 1}},
		Notices: []document.Notice{{Text: "请更正"}},
	})
	w.runExchange()
	store := w.store
	key, err := store.SubjectKey(w.t.Context(), certificate.ResidentID, residentID(7).Reveal())
	if err != nil {
		w.t.Fatal(err)
	}
	known, err := store.Known(w.t.Context(), key, "account", []filing.Domain{"black-example.com"})
	if err != nil || !known.Blacklisted || !known.Domains["black-example.com"].Blacklisted {
		w.t.Errorf("the blacklisted subject and domain are not found: %+v, %v", known, err)
	}
	if tasks := w.bureauTasks(false); len(tasks) != 2 || len(w.status().Issues) != 0 {
		w.t.Errorf("tasks %+v, issues %+v", tasks, w.status().Issues)
	}
	w.blacklistedApplicant(key)
	w.offerFile(document.ICPDownload{Blacklist: &document.Blacklist{Sites: []document.BlacklistedSite{{
		Entry: document.DeleteEntry,
		Site:  document.BlacklistSite{Name: "示例", Domains: []document.BlacklistDomain{{Name: "black-example.com"}}},
	}}}})
	w.runExchange()
	if listed, err := store.BlacklistedDomains(w.t.Context(), []filing.Domain{"black-example.com"}); err != nil || len(listed) != 0 {
		w.t.Error("a deleted entry is still on the blacklist:", err)
	}
}

// blacklistedApplicant: the type determination finds a blacklisted subject and domain.
func (w *system) blacklistedApplicant(key string) {
	w.t.Helper()
	o := readyOrder(7)
	o.SubjectKey, o.Domains = key, []filing.Domain{"black-example.com", "white-example.com"}
	facts, provisional, err := w.newFinder().Find(w.t.Context(), o)
	if err != nil || provisional {
		w.t.Fatal(provisional, err)
	}
	black, white := facts["black-example.com"], facts["white-example.com"]
	if !black.SubjectBlacklisted || !black.DomainBlacklisted || !white.SubjectBlacklisted || white.DomainBlacklisted {
		w.t.Errorf("facts %+v", facts)
	}
	if _, found := filing.Determine(black, ""); !found.Has(filing.CodeSubjectBlacklisted) || !found.Has(filing.CodeDomainBlacklisted) {
		w.t.Errorf("findings %+v", found)
	}
}

// blacklisted: the bureau refuses an order that it blacklisted after its submission; the order has the finding.
func blacklisted(w *system) {
	w.applyScenario(simulator.Scenario{Blacklist: simulator.Blacklist{
		Subjects: []string{residentID(1).Reveal()}, Domains: []string{string(inventedDomain(2))},
	}})
	subject, ofDomain := w.queueOrder(1, nil), w.queueOrder(2, nil)
	if report := w.runExchange(); report.Refused != 2 {
		w.t.Errorf("report %+v", report)
	}
	if o := w.checkStatus(subject, filing.BureauRejected); !o.Private.Findings.Has("bureau-1065") {
		w.t.Errorf("findings %+v", o.Private.Findings)
	}
	if o := w.checkStatus(ofDomain, filing.BureauRejected); !o.Private.Findings.Has("bureau-1064") {
		w.t.Errorf("findings %+v", o.Private.Findings)
	}
}
