package simulator

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"beian/shared/bureau/document"
)

var (
	domainName  = regexp.MustCompile(`^([\p{Han}a-z0-9]([\p{Han}a-z0-9-]*[\p{Han}a-z0-9])?\.)+[\p{Han}a-z]{2,}$`)
	homeURL     = regexp.MustCompile(`^(https?://)?([\p{Han}A-Za-z0-9-]+\.)+[\p{Han}A-Za-z]{2,}(:\d+)?(/\S*)?$`)
	mailAddress = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$`)
	mobile      = regexp.MustCompile(`^1[3-9]\d{9}$`)
	office      = regexp.MustCompile(`^(0\d{2,3}-\d{7,8}(-\d+)?|1[3-9]\d{9})$`)
)

// maxFiledNumber is the maximum length of a certificate number in filed data; uploads may have longer ones.
const maxFiledNumber = 128

// checkRecord returns the results of the machine checks that need only the record.
func checkRecord(r *record, a *Account, t tables) []resultCode {
	c := checks{account: a, tables: t}
	switch {
	case r.New != nil:
		c.subject(r.New.Subject)
		c.sites(r.New.Sites)
		c.repeatedAccess(r.New.Sites)
		for _, attachment := range r.New.Attachments {
			c.attachment(attachment.Format, attachment.Purpose)
		}
	case r.AddSite != nil:
		c.sites(r.AddSite.Sites)
		c.repeatedAccess(r.AddSite.Sites)
		c.attachments(r.AddSite.Attachments)
	case r.AddAccess != nil:
		c.access(r.AddAccess.Locations, r.AddAccess.Modes, r.AddAccess.IPs)
		c.attachments(r.AddAccess.Attachments)
	case r.Change != nil:
		s := r.Change.Subject
		c.subject(document.Subject{
			Nature: s.Nature, Certificate: document.Certificate(s.Certificate), Address: s.Address, Leader: s.Leader,
		})
		c.sites(sitesAfter(r.Change))
		c.attachments(r.Change.Attachments)
	case r.Unfiled != "":
		c.require(t.has("Wbacl_dms", r.handling), 5007, "")
	case r.evidence != nil:
		c.attachments(r.evidence)
	case r.Cancel != nil:
		c.require(t.has("Zxly_dms", r.Cancel.Reason), 1026, "")
	}
	return c.found
}

type checks struct {
	account *Account
	tables  tables
	found   []resultCode
}

// require adds a code unless the condition holds.
func (c *checks) require(holds bool, code int64, detail string) {
	if !holds {
		c.found = append(c.found, resultCode{code, detail})
	}
}

// sitesAfter returns the sites of a change in the form of a new filing.
func sitesAfter(c *document.Change) []document.Site {
	var sites []document.Site
	for _, s := range c.Sites {
		site := document.Site{
			Name: s.Name, PreApprovals: s.PreApprovals, Services: s.Services, Languages: s.Languages, Leader: s.Leader, HomeURL: s.HomeURL,
		}
		for _, d := range s.Domains {
			site.Domains = append(site.Domains, document.Domain{Name: d.Name})
		}
		for _, a := range s.Accesses {
			access := document.Access{Locations: a.Locations, Modes: a.Modes}
			for _, ip := range a.IPs {
				access.IPs = append(access.IPs, document.IPRange{First: ip.First, Last: ip.Last})
			}
			site.Accesses = append(site.Accesses, access)
		}
		sites = append(sites, site)
	}
	return sites
}

func (c *checks) subject(s document.Subject) {
	nature := s.Nature
	if nature == 0 {
		nature = document.IndividualNature
	}
	known := c.tables.has("Dwxz_dms", nature)
	c.require(known, 1014, "")
	c.require(!known || c.tables.hasKind(s.Certificate.Kind, nature), 1008, "")
	c.require(len([]rune(s.Certificate.Number)) <= maxFiledNumber, 1008, "")
	c.require(s.Certificate.Kind != 2 || residentID(s.Certificate.Number), 1015, "")
	c.require(area(s.Address), 1019, "")
	c.require(len(c.account.Provinces) == 0 || slices.Contains(c.account.Provinces, decimal(s.Address.Province/10000)), 1045, "")
	c.person(s.Leader.OfficePhone, s.Leader.Mobile, s.Leader.Email, s.Leader.CertificateKind, s.Leader.CertificateNumber, "")
}

func area(a document.Address) bool {
	return provinces[a.Province/10000] != "" && a.Province%10000 == 0 && a.City/10000 == a.Province/10000 && a.City%100 == 0 &&
		(a.County == 0 || a.County/10000 == a.Province/10000)
}

func (c *checks) person(phone, mobiles, mails string, kind int64, number, detail string) {
	for one := range strings.SplitSeq(phone, ";") {
		c.require(phone == "" || office.MatchString(one), 1010, detail)
	}
	for one := range strings.SplitSeq(mobiles, ";") {
		c.require(mobile.MatchString(one), 1011, detail)
	}
	for one := range strings.SplitSeq(mails, ";") {
		c.require(mailAddress.MatchString(one), 1009, detail)
	}
	c.require(kind != 2 || residentID(number), 1015, detail)
}

func (c *checks) sites(sites []document.Site) {
	seen := map[string]bool{}
	for _, site := range sites {
		detail := "网站名称：" + site.Name
		for _, domain := range site.Domains {
			name := strings.ToLower(domain.Name)
			c.require(domainName.MatchString(name) && !strings.HasPrefix(name, "www."), 1004, detail+"，错误数据："+domain.Name)
			c.require(!seen[name], 1039, detail)
			seen[name] = true
		}
		c.homeURL(site, detail)
		c.require(c.tables.has("Wzfwlx_dms", site.Services...), 1034, detail)
		c.require(c.tables.has("Yylb_dms", site.Languages...), 1066, detail)
		for _, approval := range site.PreApprovals {
			c.require(c.tables.has("Wzjylx_dms", approval.Kind), 1033, detail)
		}
		for _, access := range site.Accesses {
			c.access(access.Locations, access.Modes, access.IPs)
		}
		l := site.Leader
		c.person(l.OfficePhone, l.Mobile, l.Email, l.CertificateKind, l.CertificateNumber, detail)
	}
}

func (c *checks) repeatedAccess(sites []document.Site) {
	for _, site := range sites {
		entries := map[string]bool{}
		for _, access := range site.Accesses {
			entry := fmt.Sprint(access.Locations, access.Modes, ipKey(access.IPs))
			c.require(!entries[entry], 1029, "网站名称："+site.Name)
			entries[entry] = true
		}
	}
}

func (c *checks) homeURL(site document.Site, detail string) {
	if site.HomeURL == "" {
		return
	}
	c.require(homeURL.MatchString(site.HomeURL), 1022, detail)
	lower := strings.ToLower(site.HomeURL)
	c.require(slices.ContainsFunc(site.Domains, func(d document.Domain) bool {
		return strings.Contains(lower, strings.ToLower(d.Name))
	}), 1041, detail)
}

func (c *checks) access(locations, modes []int64, ips []document.IPRange) {
	c.require(c.tables.has("Gj_dms", locations...), 1036, "")
	c.require(c.tables.has("Wzjrfs_dms", modes...), 1035, "")
	for _, ip := range ips {
		first, last := ip.First.Addr(), ip.Last.Addr()
		c.require(isPublic(first) && isPublic(last), 1006, "")
		c.require(len(c.account.IPRanges) == 0 || slices.ContainsFunc(c.account.IPRanges, func(reported netip.Prefix) bool {
			return reported.Contains(first) && reported.Contains(last)
		}), 1063, "")
	}
}

func (c *checks) attachments(list []document.Attachment) {
	for _, one := range list {
		c.attachment(one.Format, one.Purpose)
	}
}

func (c *checks) attachment(format, purpose int64) {
	c.require(c.tables.has("Fjwjgs_dms", format), 1056, "")
	c.require(c.tables.has("Fjytlx_dms", purpose), 1057, "")
}

func isPublic(ip netip.Addr) bool {
	return !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast() && !ip.IsUnspecified()
}

// residentID checks an identity number (GB 11643): eighteen characters, the last by ISO 7064 MOD 11-2.
func residentID(number string) bool {
	if len(number) != 18 {
		return false
	}
	sum := 0
	for i, weight := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		if number[i] < '0' || number[i] > '9' {
			return false
		}
		sum += int(number[i]-'0') * weight
	}
	return "10X98765432"[sum%11] == number[17]
}

// ipKey returns a key of ranges by their addresses.
func ipKey(ips []document.IPRange) string {
	var key strings.Builder
	for _, ip := range ips {
		fmt.Fprintf(&key, "%d-%d ", ip.First, ip.Last)
	}
	return key.String()
}
