package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
)

// resourcesOf returns the records of IP and domain filings. Sources come first: an allocation needs one (2005).
func resourcesOf(u *document.Upload, t tables, today string) []*record {
	var all []*record
	add := func(list string, i int, operation int64, one resource, codes ...resultCode) {
		codes = slices.DeleteFunc(codes, func(c resultCode) bool { return c.Code == 0 })
		all = append(all, &record{Operation: operation, Resource: &one, Codes: codes, place: fmt.Sprintf("%s[%d]", list, i+1)})
	}
	if u.IP != nil {
		addIP(u.IP, t, add)
	}
	if u.Domains == nil {
		return all
	}
	for i, d := range u.Domains.New {
		one := resource{Kind: registration, OurID: d.ID, Domain: strings.ToLower(d.Domain)}
		add("YM/XZBA/Xzxx", i, document.RecordAdded, one, checkRegistration(d.Registration, today)...)
	}
	for i, d := range u.Domains.Change {
		one := resource{Kind: registration, ID: d.BureauID, Domain: strings.ToLower(d.Domain)}
		add("YM/XGBA/Xzxx", i, document.RecordChanged, one, checkRegistration(d.Registration, today)...)
	}
	for i, d := range u.Domains.Delete {
		add("YM/SCBA/Scxx", i, document.RecordDeleted, resource{Kind: registration, ID: d.BureauID, Domain: strings.ToLower(d.Domain)})
	}
	return all
}

func addIP(ip *document.IPUpload, t tables, add func(string, int, int64, resource, ...resultCode)) {
	if n := ip.New; n != nil {
		for i, s := range n.Sources {
			add("IP/XZBA/Xzly/Ly", i, document.RecordAdded, resource{Kind: ipSource, OurID: s.ID, First: s.First, Last: s.Last},
				codeIf(s.Unit == ip.Provider, 2052))
		}
		for i, a := range n.Allocations {
			add("IP/XZBA/Xzfp/Fpsy", i, document.RecordAdded, resource{Kind: ipAllocation, OurID: a.ID, First: a.First, Last: a.Last},
				checkAllocation(a.IPAllocation, t, ip.Provider)...)
		}
		for i, b := range n.Broadcasts {
			add("IP/XZBA/Xzgbjs/Jsxx", i, document.RecordAdded, resource{Kind: ipBroadcast, OurID: b.ID, First: b.First, Last: b.Last},
				codeIf(b.Applicant == b.Carrier, 2053))
		}
		for i, o := range n.Independent {
			add("IP/XZBA/Zdip/Zdxx", i, document.RecordAdded, resource{Kind: ipIndependent, OurID: o.ID, First: o.First, Last: o.Last},
				checkIndependent(o.IndependentIP, t)...)
		}
	}
	if c := ip.Change; c != nil {
		for i, s := range c.Sources {
			add("IP/XGBA/Xgly/Ly_xx", i, document.RecordChanged, resource{Kind: ipSource, ID: s.BureauID, First: s.First, Last: s.Last},
				codeIf(s.Unit == ip.Provider, 2052))
		}
		for i, a := range c.Allocations {
			add("IP/XGBA/Xgfp/Fpsy", i, document.RecordChanged, resource{Kind: ipAllocation, ID: a.BureauID, First: a.First, Last: a.Last},
				checkAllocation(a.IPAllocation, t, ip.Provider)...)
		}
		for i, o := range c.Independent {
			add("IP/XGBA/XgZd/Zdxx", i, document.RecordChanged, resource{Kind: ipIndependent, ID: o.BureauID, First: o.First, Last: o.Last},
				checkIndependent(o.IndependentIP, t)...)
		}
		for i, b := range c.Broadcasts {
			add("IP/XGBA/Xggbjs/Jsxx", i, document.RecordChanged, resource{Kind: ipBroadcast, ID: b.BureauID, First: b.First, Last: b.Last},
				codeIf(b.Applicant == b.Carrier, 2053))
		}
	}
	d := ip.Delete
	if d == nil {
		return
	}
	for _, list := range []struct {
		path, kind string
		ids        []document.RecordID
	}{
		{"IP/SCBA/Scly/Ly", ipSource, d.Sources}, {"IP/SCBA/Scfp/Fpsy", ipAllocation, d.Allocations},
		{"IP/SCBA/Sczd/Zdxx", ipIndependent, d.Independent}, {"IP/SCBA/Scgbjs/Jsxx", ipBroadcast, d.Broadcasts},
	} {
		for i, one := range list.ids {
			add(list.path, i, document.RecordDeleted, resource{Kind: list.kind, ID: one.ID})
		}
	}
}

// codeIf returns a code, or none.
func codeIf(wrong bool, code int64) resultCode {
	if !wrong {
		return resultCode{}
	}
	return resultCode{Code: code}
}

func checkAllocation(a document.IPAllocation, t tables, provider int64) []resultCode {
	return []resultCode{
		codeIf(a.Mode == document.AllocatedToUnit && a.Unit == provider, 2050),
		codeIf(a.Nature != 0 && !t.has("Dwxz_dms", a.Nature), 2019),
		codeIf(a.Province != 0 && !area(document.Address{Province: a.Province, City: a.City, County: a.County}), 2011),
		codeIf(a.ContactPhone != "" && !isPhoneList(a.ContactPhone), 2012),
		codeIf(a.ContactEmail != "" && !mailAddress.MatchString(a.ContactEmail), 2013),
	}
}

func checkIndependent(o document.IndependentIP, t tables) []resultCode {
	return []resultCode{
		codeIf(!t.has("Dwxz_dms", o.Nature), 2019),
		codeIf(!area(document.Address{Province: o.Province, City: o.City, County: o.County}), 2011),
		codeIf(!isPhoneList(o.ContactPhone), 2012),
		codeIf(!mailAddress.MatchString(o.ContactEmail), 2013),
	}
}

func isPhoneList(text string) bool {
	for one := range strings.SplitSeq(text, ";") {
		if !office.MatchString(one) {
			return false
		}
	}
	return true
}

func checkRegistration(d document.Registration, today string) []resultCode {
	wrongArea := func(province, city int64) bool {
		return province != 0 && !area(document.Address{Province: province, City: city})
	}
	return []resultCode{
		codeIf(d.Kind > 2, 3001),
		codeIf(!mailAddress.MatchString(d.RegistrantEmail), 3013), codeIf(!isPhoneList(d.RegistrantPhone), 3015),
		codeIf(!mailAddress.MatchString(d.AdministratorEmail), 3022), codeIf(!isPhoneList(d.AdministratorPhone), 3024),
		codeIf(wrongArea(d.RegistrantProvince, d.RegistrantCity), 3028),
		codeIf(wrongArea(d.AdministratorProvince, d.AdministratorCity), 3029),
		codeIf(wrongArea(d.PayerProvince, d.PayerCity), 3030),
		codeIf(d.PayerPhone != "" && !isPhoneList(d.PayerPhone), 3033),
		codeIf(d.PayerEmail != "" && !mailAddress.MatchString(d.PayerEmail), 3034),
		codeIf(isDate(d.Expires) && d.Expires < today, 3004), codeIf(isDate(d.Registered) && d.Registered > today, 3035),
	}
}

func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// ipCode is recordCode for IP filings.
func ipCode(element string, p schema.Problem) int64 {
	if p.Rule == schema.Range && p.Detail == "not below Qsip" {
		return 2002
	}
	if p.Rule != schema.Missing || !strings.HasPrefix(p.Detail, "required") {
		return 0
	}
	return map[string]int64{
		"Qsip": 2014, "Zzip": 2015, "Fprq": 2030, "Dwmc": 2031, "Syfs": 2032, "Dwxz": 2034, "Xxdz": 2036, "Shengid": 2037, "Shiid": 2038,
		"Lxrdh": 2039, "Lxrxm": 2040, "Lxrdzyj": 2042, "Wgip": 2043, "Wgdz": 2044, "Fpdx": 2047,
	}[element]
}

// registrationCode is recordCode for domain filings: the schema takes any ten characters as a date.
func registrationCode(element string, p schema.Problem) int64 {
	if p.Rule != schema.Format {
		return 0
	}
	return map[string]int64{"Zcsj": 3031, "Yxrq": 3032}[element]
}
