package attacks_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
)

// passAtBureau has a submitted order reviewed, and waits until the bureau has approved it.
func passAtBureau(t *testing.T, applicant *scenario.User, app scenario.Application, id filing.ID) {
	t.Helper()
	if err := reviewer.Claim(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := reviewer.Approve(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	answerSMS(t, applicant, app, id)
	awaitDone(t, applicant, id)
}

// awaitDone waits until an order is done.
func awaitDone(t *testing.T, applicant *scenario.User, id filing.ID) {
	t.Helper()
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		o, err := applicant.Order(t.Context(), id)
		return err == nil && o.Step == filing.Done, nil
	}); err != nil {
		t.Fatal(err)
	}
}

// importFiling imports an application as a filing of an account, and returns the filing.
func importFiling(t *testing.T, app scenario.Application, account string) register.ID {
	t.Helper()
	table := scenario.FiledTable(app)
	header, row := append(table[0], "account"), append(table[1], account)
	for i, title := range table[0] {
		if strings.Contains(title, "账号") {
			header, row = table[0], table[1]
			row[i] = account
		}
	}
	answer := postJSON(t, admin, "/imports", map[string]any{"file": strings.Repeat("c", 64), "portion": 1, "header": header, "rows": []map[string]any{{"row": 2, "cells": row}}}, 200)
	var got struct {
		Subjects []struct {
			Outcome string
			Filing  register.ID
		}
	}
	if err := json.Unmarshal(answer.Body, &got); err != nil || len(got.Subjects) != 1 || got.Subjects[0].Outcome != "created" {
		t.Fatalf("not imported: %v, %.400s", err, answer.Body)
	}
	return got.Subjects[0].Filing
}

// TestApprovalOfImportedFiling: while an account's first filing is reviewed, the operator imports the filing of the same subject with another account. The
// reviewer passes the order: it goes back, because its subject is filed by another account, and the filing stays as it was imported.
func TestApprovalOfImportedFiling(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	applicant, app, id := applicantAt(t, 9600, filing.InitialReview)
	owner := accountOf(t, 9601)
	imported := importFiling(t, app, owner.Account())
	if err := reviewer.Claim(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := reviewer.Approve(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	answerSMS(t, applicant, app, id)
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		o, err := applicant.Order(t.Context(), id)
		return err == nil && o.Step == filing.VerifyType && o.Findings.Has(filing.CodeSubjectBound), err
	}); err != nil {
		t.Error(err)
	}
	f, err := sys.Parts.Store().Filing(t.Context(), imported)
	if err != nil || string(f.Account) != owner.Account() || f.Number.String() != app.FiledNumber() || f.Version != 1 {
		t.Errorf("the imported filing is of the order's account: %t; number %s, version %d, %v", string(f.Account) == applicant.Account(), f.Number, f.Version, err)
	}
}

// TestTransferAndCancellationAtOnce: the owner of a filing confirms its transfer, and opens its cancellation at the same instant. One of the two
// succeeds: the former owner never has an open order at the other account's filing.
func TestTransferAndCancellationAtOnce(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	owner, app, first := applicantAt(t, 9500, filing.InitialReview)
	passAtBureau(t, owner, app, first)
	id := register.ID(first)
	users := []*scenario.User{owner, accountOf(t, 9501)}
	body, err := json.Marshal(map[string]any{"kind": "CANCEL_SUBJECT", "reason": 1, "confirmed": []string{"ends-subject-number", "ends-all-sites", "ends-without-refund"},
		"contact": app.Contact})
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		from, to := users[0], users[1]
		offer, err := from.OfferTransfer(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.TakeTransfer(t.Context(), offer.Code); err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		var confirmed error
		var opened scenario.Answer
		both.Go(func() { _, confirmed = from.ConfirmTransfer(t.Context(), id) })
		both.Go(func() {
			opened, _ = client.Send(t.Context(), from, scenario.Request{Method: "POST", Path: "/filings/" + string(id) + "/cancellations", Body: body})
		})
		both.Wait()
		f, err := sys.Parts.Store().Filing(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if moved := string(f.Account) == to.Account(); moved == (opened.Status == 201) || moved != (confirmed == nil) || opened.Status >= 500 {
			t.Fatalf("transferred: %t, %v; the cancellation: %d %.300s", moved, confirmed, opened.Status, opened.Body)
		}
		users[0], users[1] = to, from
		if opened.Status != 201 {
			continue
		}
		var order struct{ ID filing.ID }
		if err := json.Unmarshal(opened.Body, &order); err != nil {
			t.Fatal(err)
		}
		if err := from.Abandon(t.Context(), order.ID); err != nil {
			t.Fatal(err)
		}
		if err := scenario.Poll(t.Context(), func() (bool, error) {
			_, err := from.ConfirmTransfer(t.Context(), id) // the transfer waits for the end of the order
			return err == nil, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}
