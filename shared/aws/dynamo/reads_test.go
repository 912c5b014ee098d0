package dynamo_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// staffReads: entries are listed newest first, in pages, and only those of the order. More than a hundred are stored with one call.
func staffReads(t *testing.T, d *fixture) {
	by := filing.Actor{Account: "reviewer-1", Role: filing.Reviewer, Name: "reviewer", Email: "reviewer@provider.example"}
	var all []filing.StaffRead
	for i := range 120 {
		all = append(all, filing.StaffRead{Order: filing.ID(fmt.Sprint("01EXAMPLE", i%2)), At: d.now().Add(time.Duration(i) * time.Second), By: by,
			What: filing.ReadPaper, Slot: "other", SHA256: fmt.Sprint(i), Purpose: filing.PurposeReview, Others: []filing.ID{"01EXAMPLE9"}, Request: "r"})
	}
	if err := d.AddReads(t.Context()); err != nil {
		t.Error("no entries:", err)
	}
	if err := d.AddReads(t.Context(), all[0]); err != nil {
		t.Fatal(err)
	}
	if err := d.AddReads(t.Context(), all[1:]...); err != nil {
		t.Fatal(err)
	}
	rows, err := d.Client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(d.Table), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "ORDER#01EXAMPLE1"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows.Items {
		ttl, _ := row["ttl"].(*types.AttributeValueMemberN)
		if least := d.Wall().AddDate(3, 0, -1).Unix(); ttl == nil || ttl.Value < fmt.Sprint(least) {
			t.Fatalf("an entry lives until %v, not for three years", ttl)
		}
	}
	read, cursor := 0, ""
	for page := 0; page == 0 || cursor != ""; page++ {
		entries, next, err := d.Reads(t.Context(), "01EXAMPLE1", cursor, 25)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if want := fmt.Sprint(119 - 2*read); e.SHA256 != want || !e.MACValid || e.By != (filing.Actor{Account: "reviewer-1", Role: filing.Reviewer}) {
				t.Fatalf("entry %d is %s, want %s; genuine: %t; by %+v", read, e.SHA256, want, e.MACValid, e.By)
			}
			read++
		}
		cursor = next
	}
	if read != 60 {
		t.Errorf("%d entries, want 60", read)
	}
	for _, cursor := range []string{"!", "", "_w"} {
		if _, _, err := d.Reads(t.Context(), "01EXAMPLE1", cursor, 1); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}
