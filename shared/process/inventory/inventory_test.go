package inventory_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/process/inventory"
	"beian/shared/rules/finding"
)

var now = time.Date(2019, 12, 26, 1, 0, 0, 0, time.UTC)

func server() inventory.Server {
	return inventory.Server{
		ID: "server-1", Account: "account-1", Placement: "11", Mode: 5, IPs: []string{"10.0.0.1", "8.130.1.1", "2408:4000::1"},
		RentedAt: now.AddDate(0, -1, 0), ExpiresAt: now.AddDate(1, 0, 0), Quota: 5,
	}
}

func TestCheckServer(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*inventory.Server)
		want   []finding.Code
	}{
		{"right", func(*inventory.Server) {}, nil},
		{"ends now", func(s *inventory.Server) { s.ExpiresAt = now }, []finding.Code{inventory.CodeExpired, inventory.CodeTooShort}},
		{"ends in a moment", func(s *inventory.Server) { s.RentedAt, s.ExpiresAt = now.AddDate(-1, 0, 0), now.Add(time.Second) }, nil},
		{"exactly three months", func(s *inventory.Server) { s.ExpiresAt = s.RentedAt.AddDate(0, 3, 0) }, nil},
		{"a day short of three months", func(s *inventory.Server) { s.ExpiresAt = s.RentedAt.AddDate(0, 3, -1) }, []finding.Code{inventory.CodeTooShort}},
		{"abroad", func(s *inventory.Server) { s.Placement = "" }, []finding.Code{inventory.CodeAbroad}},
		{"no address", func(s *inventory.Server) { s.IPs = []string{"2408:4000::1", "192.168.1.1"} }, []finding.Code{inventory.CodeNoAddress}},
		{"last slot", func(s *inventory.Server) { s.Used = 4 }, nil},
		{"used up", func(s *inventory.Server) { s.Used = 5 }, []finding.Code{inventory.CodeQuota}},
		{"no quota", func(s *inventory.Server) { s.Quota = 0 }, []finding.Code{inventory.CodeQuota}},
		{"everything", func(s *inventory.Server) { *s = inventory.Server{RentedAt: now, ExpiresAt: now} },
			[]finding.Code{inventory.CodeExpired, inventory.CodeTooShort, inventory.CodeAbroad, inventory.CodeNoAddress, inventory.CodeQuota}},
	} {
		s := server()
		c.change(&s)
		var got []finding.Code
		for _, f := range inventory.CheckServer(s, now) {
			got = append(got, f.Code)
			if f.Severity != finding.Block || f.Pointer != "/server" {
				t.Errorf("%s: %s at %q is %s", c.name, f.Code, f.Pointer, f.Severity)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestPublicIPv4(t *testing.T) {
	for address, public := range map[string]bool{
		"8.130.1.1": true, "223.255.255.255": true, "100.63.255.255": true, "100.128.0.0": true,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.0.1": false, "127.0.0.1": false, "169.254.1.1": false, "0.0.0.0": false,
		"100.64.0.1": false, "100.127.255.255": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"2408:4000::1": false, "::ffff:8.130.1.1": false, "8.130.1": false, "": false, "example.cn": false, "8.130.1.1/32": false,
	} {
		if got := len(inventory.PublicIPv4([]string{address})) == 1; got != public {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func TestProduct(t *testing.T) {
	p := inventory.Product(server(), "CODE-0001")
	if p.Server != "server-1" || p.ServiceCode != "CODE-0001" || !slices.Equal(p.IPs, []string{"8.130.1.1"}) || p.Placement != "11" || p.Mode != 5 {
		t.Errorf("%+v", p)
	}
}
