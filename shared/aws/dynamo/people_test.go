package dynamo_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/process/people"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// staff: what a request records and what an operator enters are stored apart; of two operators who read the same version, one wins.
func staff(t *testing.T, d *fixture) {
	seen := people.Person{Account: "reviewer-1", Name: "reviewer", Roles: []filing.Role{filing.Reviewer, filing.Admin}, SeenAt: d.now().Truncate(time.Second).UTC()}
	if p, err := d.Person(t.Context(), "reviewer-1"); err != nil || p.Version != 0 || !p.SeenAt.IsZero() {
		t.Fatal(p, err)
	}
	entry := people.Entry{Accounts: []filing.Account{"a"}, Subjects: []people.Subject{{ID: "1", Key: "key"}}, Absences: []people.Absence{{From: "2019-12-26", To: "2019-12-27"}}}
	if err := errors.Join(d.RecordSeen(t.Context(), seen), d.PutEntry(t.Context(), people.Person{Account: "reviewer-1", Entry: entry}), d.RecordSeen(t.Context(), seen)); err != nil {
		t.Fatal(err)
	}
	if err := d.PutEntry(t.Context(), people.Person{Account: "reviewer-1"}); fault.KindOf(err) != fault.Stale {
		t.Error("an entry was overwritten:", err)
	}
	seen.Version, seen.Entry = 1, entry
	if err := d.PutEntry(t.Context(), people.Person{Account: "reviewer-2", Entry: entry}); err != nil {
		t.Fatal(err)
	}
	all, err := d.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]people.Person{seen, {Account: "reviewer-2", Version: 1, Entry: entry}}, all); diff != "" {
		t.Error(diff)
	}
}

// readsOfPerson: the reads of a person in a period are listed newest first over orders, filings and days, in pages; an entry that was changed is not verified,
// and one from before this index is still in the audit of its order.
func readsOfPerson(t *testing.T, d *fixture) {
	begin := d.now()
	var all []filing.StaffRead
	for i := range 30 {
		r := filing.StaffRead{Order: "01EXAMPLE1", At: begin.Add(time.Duration(i) * 5 * time.Hour), By: filing.Actor{Account: "reviewer-1", Role: filing.Reviewer}, What: filing.ReadPaper,
			SHA256: fmt.Sprint(i), Purpose: filing.PurposeReview}
		switch i % 3 {
		case 1:
			r.Order, r.Filing = "", "01FILING1"
		case 2:
			r.Order, r.Person = "", "reviewer-2"
		}
		stranger := r
		stranger.By.Account = "reviewer-9"
		all = append(all, r, stranger)
	}
	if err := d.AddReads(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	first, last := workday.DateOf(begin), workday.DateOf(begin.Add(29*5*time.Hour))
	read, cursor := 0, ""
	for page := 0; page == 0 || cursor != ""; page++ {
		entries, next, err := d.ReadsBy(t.Context(), "reviewer-1", first, last, cursor, 7)
		if err != nil || len(entries) > 7 {
			t.Fatal(len(entries), err)
		}
		for _, e := range entries {
			if e.SHA256 != fmt.Sprint(29-read) || !e.MACValid {
				t.Fatalf("entry %d is %s; genuine: %t", read, e.SHA256, e.MACValid)
			}
			read++
		}
		cursor = next
	}
	if read != 30 {
		t.Errorf("%d entries, want 30", read)
	}
	one, _, err := d.ReadsBy(t.Context(), "reviewer-1", first.AddDays(-20), first.AddDays(-1), "", 10)
	if err != nil || len(one) != 0 {
		t.Error("entries outside the period:", one, err)
	}
	for _, cursor := range []string{"!", "e30", "eyJkIjoiMjA5OS0wMS0wMSJ9"} {
		if _, _, err := d.ReadsBy(t.Context(), "reviewer-1", first, last, cursor, 1); fault.KindOf(err) != fault.Invalid {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
	changeRead(t, d)
	entries, _, err := d.ReadsBy(t.Context(), "reviewer-1", first, last, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Order != "" && e.MACValid {
			t.Error("an entry in another order's audit is verified")
		}
	}
}

// changeRead copies all entries of an order to the audit of another one, and removes them there.
func changeRead(t *testing.T, d *fixture) {
	rows, err := d.Client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(d.Table), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "ORDER#01EXAMPLE1"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows.Items {
		_, err := d.Client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(d.Table), Key: map[string]types.AttributeValue{"pk": row["pk"], "sk": row["sk"]}})
		row["pk"] = &types.AttributeValueMemberS{Value: "ORDER#01EXAMPLE2"}
		_, put := d.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(d.Table), Item: row})
		if err := errors.Join(err, put); err != nil {
			t.Fatal(err)
		}
	}
}
