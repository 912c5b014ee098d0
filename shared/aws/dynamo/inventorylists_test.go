package dynamo_test

import (
	"fmt"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/inventory"
	"beian/shared/rules/province"
)

// listedInventory: servers and service codes are listed in pages by account, province, server and what is free, with the counts of now.
func listedInventory(t *testing.T, d *fixture) {
	for i, c := range []struct{ account, placement string }{{"b", "11"}, {"b", "31"}, {"c", ""}} {
		s := inventory.Server{ID: fmt.Sprint("ecs-", i), Account: filing.Account(c.account), Placement: province.Code(c.placement), RentedAt: d.now(), ExpiresAt: d.now(), Quota: i}
		if err := d.PutServer(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	for i, account := range []filing.Account{"", "b", ""} {
		if err := d.PutServiceCode(t.Context(), inventory.ServiceCode{Code: fmt.Sprint("CODE-000", i), Server: fmt.Sprint("ecs-", i%2), Account: account}); err != nil {
			t.Fatal(err)
		}
	}
	w := d.walkTo(1, filing.VerifyProduct)
	w.Decide(filingtest.Applicant, chooseProduct("server-1", "CODE-0000"))
	abroad, beijing := province.Code(""), province.Code("11")
	for name, c := range map[string]struct {
		filter inventory.ServerFilter
		want   string
	}{
		"all":              {inventory.ServerFilter{}, "[ecs-2 ecs-0 server-1 ecs-1]"},
		"account":          {inventory.ServerFilter{Account: "b"}, "[ecs-0 ecs-1]"},
		"province":         {inventory.ServerFilter{Placement: &beijing}, "[ecs-0 server-1]"},
		"abroad":           {inventory.ServerFilter{Placement: &abroad}, "[ecs-2]"},
		"account and free": {inventory.ServerFilter{Account: "b", Free: true}, "[ecs-1]"},
		"free in province": {inventory.ServerFilter{Placement: &beijing, Free: true}, "[server-1]"},
		"unknown account":  {inventory.ServerFilter{Account: "nobody"}, "[]"},
	} {
		var got []string
		for cursor, more := "", true; more; more = cursor != "" {
			servers, next, err := d.Servers(t.Context(), c.filter, cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range servers {
				got = append(got, s.ID)
				if s.ID == "server-1" && s.Used != 1 {
					t.Errorf("%s: %d slots are used", name, s.Used)
				}
			}
			cursor = next
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		filter inventory.CodeFilter
		want   string
	}{
		"all":     {inventory.CodeFilter{}, "[CODE-0000 CODE-0002 CODE-0001]"},
		"account": {inventory.CodeFilter{Account: "b"}, "[CODE-0001]"},
		"server":  {inventory.CodeFilter{Server: "ecs-0"}, "[CODE-0000 CODE-0002]"},
		"free":    {inventory.CodeFilter{Server: "ecs-0", Free: true}, "[CODE-0002]"},
	} {
		var got []string
		for cursor, more := "", true; more; more = cursor != "" {
			codes, next, err := d.ServiceCodes(t.Context(), c.filter, cursor, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range codes {
				got = append(got, one.Code)
			}
			cursor = next
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("codes, %s: %v, want %s", name, got, c.want)
		}
	}
	if orders, next, err := d.ServerOrders(t.Context(), "server-1", "", 10); err != nil || next != "" || len(orders) != 1 || orders[0] != w.Order.ID {
		t.Errorf("orders %v, %q, %v", orders, next, err)
	}
	// A server that moves to another account and province is listed there only.
	if err := d.PutServer(t.Context(), inventory.Server{ID: "ecs-0", Account: "c", Placement: "31", Quota: 9}); err != nil {
		t.Fatal(err)
	}
	if servers, _, err := d.Servers(t.Context(), inventory.ServerFilter{Account: "b"}, "", 10); err != nil || len(servers) != 1 {
		t.Errorf("%+v, %v", servers, err)
	}
	if servers, _, err := d.Servers(t.Context(), inventory.ServerFilter{}, "", 10); err != nil || len(servers) != 4 {
		t.Errorf("%+v, %v", servers, err)
	}
}
