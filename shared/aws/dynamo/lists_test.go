package dynamo_test

import (
	"bytes"
	"encoding/base64"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/facts"
	"beian/shared/rules/fault"
)

// pages reads all pages of a list.
func (d *fixture) pages(read func(cursor string) (decide.Page, error)) []filing.ID {
	d.t.Helper()
	var ids []filing.ID
	for cursor, n := "", 0; ; n++ {
		page, err := read(cursor)
		if err != nil || n > 20 {
			d.t.Fatalf("page %d: %v", n, err)
		}
		for _, o := range page.Orders {
			ids = append(ids, o.ID)
		}
		if cursor = page.Next; cursor == "" {
			return ids
		}
	}
}

// orderLists: an account's orders, the latest moved first; the open orders at a step, the longest there first.
func orderLists(t *testing.T, d *fixture) {
	var want []filing.ID
	var walks []*filingtest.Walk
	for n := range 7 {
		w := d.walkTo(n+1, filing.VerifyProduct)
		walks, want = append(walks, w), append(want, w.Order.ID)
		d.advanceClock(time.Minute)
	}
	keyless := &dynamo.Store{Client: d.Client, Table: d.Table, Wall: d.Wall} // lists decrypt nothing
	mine := func(limit int) []filing.ID {
		return d.pages(func(c string) (decide.Page, error) {
			return keyless.ListByAccount(t.Context(), filingtest.Applicant.Account, c, limit)
		})
	}
	open := func(step filing.Step) []filing.ID {
		return d.pages(func(c string) (decide.Page, error) { return keyless.ListOpen(t.Context(), step, c, 3) })
	}
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	for _, limit := range []int{1, 3, 7, 100} {
		if got := mine(limit); !slices.Equal(got, backwards) {
			t.Errorf("by %d: %v", limit, got)
		}
	}
	if got := open(filing.VerifyProduct); !slices.Equal(got, want) {
		t.Errorf("open: %v", got)
	}
	first := walks[0]
	first.At = d.now()
	first.AdvanceTo(filing.CollectDetails)
	if got := mine(3); got[0] != first.Order.ID {
		t.Errorf("the order that moved last is not first: %v", got)
	}
	if got := open(filing.CollectDetails); len(got) != 1 || len(open(filing.VerifyProduct)) != 6 {
		t.Errorf("open: %v", got)
	}
	first.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	first.Decide(filing.Beian, filing.Close{})
	if len(open(filing.Done)) != 0 || len(open(filing.CollectDetails)) != 0 || len(mine(3)) != 7 {
		t.Error("a closed order is in the list of open orders, or missing in its account's list")
	}
	if page, err := d.ListByAccount(t.Context(), "account-2", "", 10); err != nil || len(page.Orders) != 0 || page.Next != "" {
		t.Errorf("another account: %+v, %v", page, err)
	}
}

// foreignCursors: a cursor of another list is rejected, and none shows orders of another account.
func foreignCursors(t *testing.T, d *fixture) {
	for n := range 3 {
		d.walkTo(n+1, filing.VerifyType)
	}
	page, err := d.ListByAccount(t.Context(), filingtest.Applicant.Account, "", 1)
	if err != nil || page.Next == "" {
		t.Fatal(err)
	}
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, cursor := range []string{"!", "e30", page.Next + "!", page.Next[:len(page.Next)-4], encode("null"), encode(`{"p":"ORDER#1"}`),
		encode(`{"p":"SERVER#1","a":"2019"}`), encode(`{"p":"","a":""}`), encode(`[]`), strings.Repeat("A", 4000)} {
		if _, err := d.ListByAccount(t.Context(), filingtest.Applicant.Account, cursor, 1); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.40q: %v", cursor, err)
		}
	}
	other, err := d.ListByAccount(t.Context(), "account-2", page.Next, 10)
	if fault.KindOf(err) != fault.Invalid && (err != nil || len(other.Orders) != 0) {
		t.Errorf("another account's cursor: %d orders, %v", len(other.Orders), err)
	}
}

// registeredFilings: a filing through us is found by subject, account and domain.
func registeredFilings(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.VerifyType)
	account, domain := w.Order.Account, w.Order.Domains[0]
	look := func(want facts.Registration, subject string) {
		t.Helper()
		if got, err := d.Registration(t.Context(), w.Order.SubjectKey, account); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
		wantDomain := facts.DomainRegistration{SubjectKey: subject, OurAccess: subject != ""}
		if subject != "" {
			wantDomain.Number = want.Number + "-1"
		}
		if got, err := d.DomainRegistration(t.Context(), domain); err != nil || got != wantDomain {
			t.Errorf("%+v, %v, want %+v", got, err, wantDomain)
		}
	}
	look(facts.Registration{}, "")
	w.AdvanceTo(filing.AwaitBureau)
	look(facts.Registration{}, "")
	w.AdvanceTo(filing.Done)
	look(facts.Registration{Filed: true, Filing: register.ID(w.Order.ID), Account: account, SubjectKeys: []string{w.Order.SubjectKey}, Number: w.Order.Bureau.SubjectNumber.String()}, w.Order.SubjectKey)
	again := d.opening(2)
	again.AcquireLocks[0].Key, again.AcquireLocks[1].Key = w.Order.SubjectKey, string(domain)
	d.commit(again) // the locks are free
}

// allocatedIDs: no id is allocated twice.
func allocatedIDs(t *testing.T, d *fixture) {
	if _, err := d.AllocateIDs(t.Context(), 0); err == nil {
		t.Error("allocating no ids is accepted")
	}
	firsts := make([]int64, 8)
	for _, err := range concurrently(len(firsts), func(i int) (err error) { firsts[i], err = d.AllocateIDs(t.Context(), i+1); return err }) {
		if err != nil {
			t.Fatal(err)
		}
	}
	given := map[int64]bool{}
	for i, first := range firsts {
		for n := range int64(i + 1) {
			if first < 1 || given[first+n] {
				t.Errorf("id %d is allocated twice", first+n)
			}
			given[first+n] = true
		}
	}
}

// nothingInClear searches the whole table for personal data of a complete filing.
func nothingInClear(t *testing.T, d *fixture) {
	w := &filingtest.Walk{T: t, App: filingtest.NumberedEnterprise(1), At: d.now(), Store: d.commit}
	opening := d.opening(1)
	opening.Order.Province, w.App.Subject.Division = "12", "120101" // where codes are sent
	w.ContinueWith(opening, nil)
	secrets := personal(w.App)
	w.AdvanceTo(filing.VerifySMS)
	w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
	for _, sent := range w.Order.Private.Codes {
		secrets = append(secrets, sent.Code)
	}
	w.AdvanceTo(filing.Done)
	var rows int
	pages := dynamodb.NewScanPaginator(d.sdk, &dynamodb.ScanInput{TableName: aws.String(d.Table)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Items {
			rows++
			for name, value := range row {
				for _, s := range secrets {
					if contains(value, s) {
						t.Errorf("attribute %s of a row contains personal data in clear", name)
					}
				}
			}
		}
	}
	if rows < 20 {
		t.Errorf("only %d rows were searched", rows)
	}
}

// personal is the personal data of an application.
func personal(a filingtest.Application) []string {
	s, l, m := a.Subject, a.Subject.Leader, a.Sites[0].Leader
	return []string{
		a.Contact.Mobile.Reveal(), a.Contact.Email.Reveal(), s.Name.Reveal(), s.Certificate.Number.Reveal(), s.CertificateAddress, s.Address,
		s.Investor, s.Remark, a.Sites[0].Remark, l.Name.Reveal(), l.Certificate.Number.Reveal(), l.Mobile.Reveal(), l.EmergencyPhone.Reveal(),
		l.OfficePhone.Reveal(), l.Email.Reveal(), m.Name.Reveal(), m.Certificate.Number.Reveal(), m.Mobile.Reveal(), m.EmergencyPhone.Reveal(),
		m.Email.Reveal(),
	}
}

func contains(value types.AttributeValue, secret string) bool {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return strings.Contains(v.Value, secret)
	case *types.AttributeValueMemberB:
		return bytes.Contains(v.Value, []byte(secret))
	case *types.AttributeValueMemberN:
		return v.Value == secret
	}
	return true // the store writes no other kinds
}

// missingItems: items that do not exist are reported as not found.
func missingItems(t *testing.T, d *fixture) {
	_, err := d.Order(t.Context(), "no-such-order")
	d.wantFault(err, fault.NotFound, "")
	_, err = d.Server(t.Context(), "no-such-server")
	d.wantFault(err, fault.NotFound, "")
	_, err = d.ServiceCode(t.Context(), "no-such-code")
	d.wantFault(err, fault.NotFound, "")
	if entries, err := d.Ledger(t.Context(), "no-such-order"); err != nil || len(entries) != 0 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if all := d.entries(decide.UploadRecord); len(all) != 0 {
		t.Errorf("%d uploads", len(all))
	}
	if known, err := d.Known(t.Context(), "key", "account", []filing.Domain{"example.cn", ""}); err != nil || known.Filed || known.Blacklisted || known.Domains["example.cn"] != (facts.DomainRegistration{}) {
		t.Errorf("%+v, %v", known, err)
	}
}
