package dynamo_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing/register"
	"beian/shared/process/sitewatch"
)

// earlierRows: a filing without the rows of its duties and watches, as earlier versions of Beian stored it, gets them once. Rows that exist stay as they are, and an
// erased filing keeps nothing that is personal.
func earlierRows(t *testing.T, d *fixture) {
	old := d.storeFiling(register.Filing{}, d.hosted(1, "a.example.cn", "b.example.cn"))
	whole := d.storeFiling(register.Filing{}, d.hosted(2, "c.example.cn"))
	for _, sk := range []string{"UPKEEP", "WATCH#a.example.cn", "WATCH#b.example.cn"} {
		_, err := d.Client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(d.Table), Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "FILING#" + string(old.ID)}, "sk": &types.AttributeValueMemberS{Value: sk}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	later := d.now().AddDate(0, 0, 1)
	due := func() (ids []register.ID, hosts []string) {
		t.Helper()
		ids, _, err := d.DueFilings(t.Context(), later, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		keys, _, err := d.DueWatches(t.Context(), later, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			hosts = append(hosts, k.Host)
		}
		return ids, hosts
	}
	if ids, hosts := due(); len(ids) != 1 || ids[0] != whole.ID || len(hosts) != 1 {
		t.Fatalf("before: %v, %v", ids, hosts)
	}
	before, err := d.Watch(t.Context(), sitewatch.Key{Filing: whole.ID, Host: "c.example.cn"})
	if err != nil {
		t.Fatal(err)
	}
	for round, want := range []int{1, 0} {
		upkeeps, watches := 0, 0
		for cursor := ""; ; {
			page, next, err := d.StandingFilingsByAge(t.Context(), cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page {
				added, hosts, err := d.AddMissingRows(t.Context(), f, d.now())
				if err != nil {
					t.Fatal(err)
				}
				if added {
					upkeeps++
				}
				watches += hosts
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if upkeeps != want || watches != 2*want {
			t.Errorf("round %d added %d upkeeps and %d watches", round+1, upkeeps, watches)
		}
	}
	if ids, hosts := due(); len(ids) != 2 || strings.Count(strings.Join(hosts, " "), "example.cn") != 3 {
		t.Errorf("after: %v, %v", ids, hosts)
	}
	if after, err := d.Watch(t.Context(), before.Key); err != nil || !after.Due.Equal(before.Due) || !after.Since.Equal(before.Since) {
		t.Errorf("an existing watch became %+v, %v", after, err)
	}
	if u, err := d.Upkeep(t.Context(), old.ID); err != nil || u.Version != 1 || u.Followed != 0 {
		t.Errorf("%+v, %v", u, err)
	}
	plain, err := d.Encrypter.Encrypt(t.Context(), "filing/"+string(old.ID), "upkeep", []byte(`{"followed":7}`)) // it was not compressed
	if err != nil {
		t.Fatal(err)
	}
	d.putRow(row{"pk": &types.AttributeValueMemberS{Value: "FILING#" + string(old.ID)}, "sk": &types.AttributeValueMemberS{Value: "UPKEEP"},
		"version": &types.AttributeValueMemberN{Value: "2"}, "sealed": &types.AttributeValueMemberB{Value: plain}})
	if u, err := d.Upkeep(t.Context(), old.ID); err != nil || u.Version != 2 || u.Followed != 7 {
		t.Errorf("%+v, %v", u, err)
	}
}
