package dynamo_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// newConsent returns the request of a consent for a filing.
func (d *fixture) newConsent(id string, account register.Account) register.Consent {
	d.t.Helper()
	c, err := register.RequestConsent(register.Consent{ID: id, Account: account, Number: d.newFiling(1, "").Number, Scopes: []register.Scope{"change"},
		Until: "2020-06-01", LeaderCode: register.LeaderCode{Code: "482913"}}, d.now())
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// storeConsents stores the next versions of consents, which must succeed.
func (d *fixture) storeConsents(consents ...register.Consent) {
	d.t.Helper()
	if err := d.CommitConsents(d.t.Context(), consents, decide.Request{}, nil); err != nil {
		d.t.Fatal(err)
	}
}

// give stores a consent that was requested and given for a filing.
func (d *fixture) give(id string, account register.Account, f register.ID) register.Consent {
	d.t.Helper()
	c := d.newConsent(id, account)
	d.storeConsents(c)
	answered, _, err := c.Answer("482913", d.now())
	if err != nil {
		d.t.Fatal(err)
	}
	given := answered.Give(f, "leader-1", d.now())
	d.storeConsents(given)
	return given
}

// agencyConsents: a consent is found by account and filing, by filing, by leader and in lists, the newest of an account; versions are stored once.
func agencyConsents(t *testing.T, d *fixture) {
	ctx := t.Context()
	d.Store.Wall = func() time.Time { return d.now().AddDate(10, 0, 0) } // the real clock of a system that plays a day of the past
	first := d.give("01CONSENT1", "agency", "01FILED0001")
	second := d.give("01CONSENT2", "agency", "01FILED0001")
	other := d.give("01CONSENT3", "agency-2", "01FILED0001")
	kept := 0
	for _, row := range d.rows() { // the database deletes by the real clock too
		ttl, _ := row["ttl"].(*types.AttributeValueMemberN)
		if _, consent := row["consent"]; consent && ttl != nil && ttl.Value > fmt.Sprint(d.Wall().AddDate(3, 0, -1).Unix()) {
			kept++
		}
	}
	if kept == 0 {
		t.Error("no consent is kept for three years after its end")
	}
	asked := d.newConsent("01CONSENT4", "agency")
	d.storeConsents(asked)
	if got, err := d.ConsentOf(ctx, "agency", "01FILED0001"); err != nil || got.ID != second.ID || got.StateAt(d.now()) != register.ConsentGiven {
		t.Errorf("%+v, %v", got, err)
	}
	for _, missing := range [][2]string{{"agency", "01FILED0002"}, {"agency-3", "01FILED0001"}} {
		if got, err := d.ConsentOf(ctx, register.Account(missing[0]), register.ID(missing[1])); err != nil || got.ID != "" {
			t.Errorf("%v: %+v, %v", missing, got, err)
		}
	}
	if got, err := d.ConsentsOfFiling(ctx, "01FILED0001"); err != nil || len(got) != 2 {
		t.Errorf("%d of the filing, %v", len(got), err)
	}
	if got, err := d.ConsentsOfLeader(ctx, "leader-1"); err != nil || len(got) != 3 {
		t.Errorf("%d of the leader, %v", len(got), err)
	}
	for account, want := range map[register.Account]int{"agency": 3, "agency-2": 1, "": 4} {
		n, cursor := 0, ""
		for {
			page, next, err := d.ListConsents(ctx, account, cursor, 2)
			if err != nil {
				t.Fatal(err)
			}
			n += len(page)
			if cursor = next; next == "" {
				break
			}
		}
		if n != want {
			t.Errorf("%q has %d consents, want %d", account, n, want)
		}
	}
	ended, err := other.End(register.EndedByLeader, "", d.now())
	if err != nil {
		t.Fatal(err)
	}
	r := register.ConsentRevocation{ID: "01REVOCATION", Version: 1, LeaderKey: "leader-1", LeaderCode: register.LeaderCode{Code: "482913", At: d.now()}}
	if err := d.CommitRevocation(ctx, r, nil); err != nil {
		t.Fatal(err)
	}
	r.Version, r.Code = 2, ""
	if err := d.CommitRevocation(ctx, r, []register.Consent{ended}); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Revocation(ctx, r.ID); err != nil || got.Version != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := d.ConsentOf(ctx, "agency-2", "01FILED0001"); err != nil || got.StateAt(d.now()) != register.ConsentRevoked {
		t.Errorf("%+v, %v", got, err)
	}
	again, _ := first.End(register.EndedByAgency, "agency", d.now())
	d.storeConsents(again)
	if err := d.CommitConsents(ctx, []register.Consent{again}, decide.Request{}, nil); !errors.Is(err, fault.ErrContention) {
		t.Errorf("a version is stored twice: %v", err)
	}
}

// actionsAfterRevocation: a decision of an agency is stored only while its consent stands, also if the consent was checked before it ended.
func actionsAfterRevocation(t *testing.T, d *fixture) {
	given := d.give("01CONSENT1", "agency", "01EXAMPLE")
	in := filingtest.EnterpriseBeijing().OpenInput("01EXAMPLE")
	in.AgentFor = register.ID(in.ID)
	by := filingtest.Applicant
	by.Consent, by.For = given.ID, given.Filing
	opened, err := filing.Open(in, by, filingtest.December2019)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Commit(t.Context(), opened, decide.Request{}); err != nil {
		t.Fatal(err)
	}
	next, err := opened.Order.Apply(filing.AskToClose{As: filing.ClosingAbandon}, by, filingtest.December2019)
	if err != nil {
		t.Fatal(err)
	}
	ended, err := given.End(register.EndedByLeader, "", d.now())
	if err != nil {
		t.Fatal(err)
	}
	d.storeConsents(ended)
	_, err = d.Commit(t.Context(), next, decide.Request{})
	if f := fault.Of(err); f.Kind != fault.Conflict || !f.Findings.Has(register.CodeConsentRevoked) {
		t.Errorf("after the revocation: %v", err)
	}
}

// consentsOfFormerLeader: the consents that a leader gave end with the version of the filing that has another mobile. One that is given at the same
// moment is refused, or the version is.
func consentsOfFormerLeader(t *testing.T, d *fixture) {
	ctx := t.Context()
	before := d.newFiling(1, "owner")
	before.Private.Subject.Leader.Mobile = "13700000001"
	filed, err := d.replace(register.Filing{}, before)
	if err != nil {
		t.Fatal(err)
	}
	leader, err := d.ConsentLeaderKey(ctx, "13700000001")
	if err != nil {
		t.Fatal(err)
	}
	answered := func(id string, account register.Account) register.Consent {
		t.Helper()
		c := d.newConsent(id, account)
		d.storeConsents(c)
		c, _, err := c.Answer("482913", d.now())
		if err != nil {
			t.Fatal(err)
		}
		c = c.Give(filed.ID, leader, d.now())
		c.FilingVersion = filed.Version
		return c
	}
	given := answered("01CONSENT1", "agency")
	d.storeConsents(given)
	after := filed
	after.Private.Subject.Leader.Mobile = "13700000002"
	if _, err := d.replace(filed, after); err != nil {
		t.Fatal(err)
	}
	if got, err := d.ConsentOf(ctx, "agency", filed.ID); err != nil || got.EndedBy != register.EndedByNewLeader || got.StateAt(d.now()) != register.ConsentRevoked {
		t.Errorf("%+v, %v", got, err)
	}
	if n, err := d.OutboxLength(ctx, decide.SendRegisterNotice, 9); err != nil || n != 4 { // to leader and agency; to former leader and owner
		t.Errorf("%d messages, %v", n, err)
	}
	late := answered("01CONSENT2", "agency") // the former leader's, checked against the former version
	if err := d.CommitConsents(ctx, []register.Consent{late}, decide.Request{}, nil); !errors.Is(err, fault.ErrContention) {
		t.Errorf("a consent for a former version: %v", err)
	}
	late.FilingVersion = 0 // as for a first filing
	if err := d.CommitConsents(ctx, []register.Consent{late}, decide.Request{}, nil); !errors.Is(err, fault.ErrContention) {
		t.Errorf("a consent of an order that was filed: %v", err)
	}
}

// forgedConsents: a writer of the table without the keys cannot give a consent: neither by a copy of another consent, nor by a row that finds it.
func forgedConsents(t *testing.T, d *fixture) {
	ctx := t.Context()
	mine := d.give("01CONSENT1", "agency", "01FILED0001")
	asked := d.newConsent("01CONSENT2", "agency")
	d.storeConsents(asked)
	copyRow := func(from, to map[string]string) {
		t.Helper()
		row, err := d.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(d.Table), Key: keyOf(from)})
		if err != nil || row.Item == nil {
			t.Fatal(err, from)
		}
		for name, value := range keyOf(to) {
			row.Item[name] = value
		}
		if _, err := d.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(d.Table), Item: row.Item}); err != nil {
			t.Fatal(err)
		}
	}
	copyRow(map[string]string{"pk": "CONSENT#" + mine.ID, "sk": "CONSENT"}, map[string]string{"pk": "CONSENT#" + asked.ID, "sk": "CONSENT"})
	if got, err := d.Consent(ctx, asked.ID); err == nil {
		t.Errorf("a copy of another consent is %+v", got)
	}
	copyRow(map[string]string{"pk": "FILING#01FILED0001", "sk": "CONSENT#agency"}, map[string]string{"pk": "FILING#01FILED0002", "sk": "CONSENT#agency"})
	if got, err := d.ConsentOf(ctx, "agency", "01FILED0002"); err != nil || got.ID != "" {
		t.Errorf("for another filing: %+v, %v", got, err)
	}
}

func keyOf(names map[string]string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: names["pk"]}, "sk": &types.AttributeValueMemberS{Value: names["sk"]}}
}
