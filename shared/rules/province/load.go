package province

import (
	"embed"
	"errors"
	"fmt"
	"sync"

	"beian/shared/rules/strictjson"
)

//go:embed data/*.json
var files embed.FS

// rules are the rules of a province, or of the nation.
type rules struct {
	SMS                 []Rule               `json:"sms"`
	SubjectLeader       []LeaderRule         `json:"subjectLeader"`
	SiteLeaderLetter    []Rule               `json:"siteLeaderLetter"`
	Residence           []ResidenceRule      `json:"residence"`
	MinimumAge          []AgeRule            `json:"minimumAge"`
	Caps                []Cap                `json:"caps"`
	FooterNumber        []FooterRule         `json:"footerNumber"`
	CopyrightLine       []Rule               `json:"copyrightLine"`
	SiteTitle           []Note               `json:"siteTitle"`
	BureauDays          []DaysRule           `json:"bureauDays"`
	RefusedSuffixes     []SuffixRule         `json:"refusedSuffixes"`
	RequiredSuffixes    []RequiredSuffixRule `json:"requiredSuffixes"`
	RefusedNames        []NameRule           `json:"refusedNames"`
	Landline            []Rule               `json:"landline"`
	SameCityAddress     []Rule               `json:"sameCityAddress"`
	OfficeMobileDiffers []Rule               `json:"officeMobileDiffers"`
	HolderIsUnit        []Rule               `json:"holderIsUnit"`
	Shell               []ShellRule          `json:"shell"`
	TraderName          []TraderNameRule     `json:"traderName"`
	DomainValidity      []ValidityRule       `json:"domainValidity"`
	Notes               []Note               `json:"notes"`
}

type checked interface{ check() error }

func (r rules) check() error {
	var errs []error
	for _, list := range [][]Rule{r.SMS, r.SiteLeaderLetter, r.CopyrightLine, r.Landline,
		r.SameCityAddress, r.OfficeMobileDiffers, r.HolderIsUnit} {
		errs = append(errs, checkAll(list))
	}
	return errors.Join(append(errs, checkAll(r.SubjectLeader), checkAll(r.Residence), checkAll(r.MinimumAge), checkAll(r.Caps),
		checkAll(r.FooterNumber), checkAll(r.SiteTitle), checkAll(r.BureauDays), checkAll(r.RefusedSuffixes), checkAll(r.RequiredSuffixes),
		checkAll(r.RefusedNames), checkAll(r.Shell), checkAll(r.TraderName), checkAll(r.DomainValidity), checkAll(r.Notes))...)
}

func checkAll[C checked](list []C) error {
	for _, c := range list {
		if err := c.check(); err != nil {
			return err
		}
	}
	return nil
}

type provinceTable struct {
	all      []Province // in the order of their codes, as the files are
	byCode   map[Code]Province
	national rules
}

var provinces = sync.OnceValue(mustLoad)

func mustLoad() provinceTable {
	a, err := load()
	if err != nil {
		panic(err)
	}
	return a
}

func load() (provinceTable, error) {
	a := provinceTable{byCode: map[Code]Province{}}
	text, err := files.ReadFile("data/national.json")
	if err != nil {
		return a, err
	}
	if err := decodeNational(text, &a.national); err != nil {
		return a, fmt.Errorf("data/national.json: %w", err)
	}
	names, err := files.ReadDir("data")
	if err != nil {
		return a, err
	}
	for _, name := range names {
		if name.Name() == "national.json" {
			continue
		}
		text, err := files.ReadFile("data/" + name.Name())
		if err != nil {
			return a, err
		}
		p, err := decode(text)
		if err != nil {
			return a, fmt.Errorf("data/%s: %w", name.Name(), err)
		}
		if name.Name() != string(p.Code)+".json" {
			return a, fmt.Errorf("data/%s has the code %q; the file name must be the code", name.Name(), p.Code)
		}
		a.byCode[p.Code] = p
		a.all = append(a.all, p)
	}
	return a, nil
}

// decode parses one province's file. Unknown fields and missing rules are errors.
func decode(text []byte) (Province, error) {
	var p Province
	if err := strictjson.UnmarshalEmbedded(text, &p.provinceFile); err != nil {
		return p, err
	}
	if len(p.Code) != 2 || p.Name.Chinese == "" || p.Name.English == "" || p.Short == "" ||
		len([]rune(p.Abbreviation)) != 1 || p.Placement == 0 || p.Placement&(p.Placement-1) != 0 || len(p.SMS) == 0 {
		return p, errors.New("code, name, abbreviation, placement bit or SMS rule is missing or invalid")
	}
	return p, p.rules.check()
}

// decodeNational parses the national rules. It requires the rules that apply to provinces without a rule of their own.
func decodeNational(text []byte, r *rules) error {
	if err := strictjson.UnmarshalEmbedded(text, r); err != nil {
		return err
	}
	if len(r.MinimumAge) == 0 || len(r.FooterNumber) == 0 || len(r.BureauDays) == 0 || len(r.SubjectLeader) == 0 ||
		len(r.TraderName) == 0 || len(r.DomainValidity) == 0 {
		return errors.New("a national minimumAge, footerNumber, bureauDays, subjectLeader, traderName or domainValidity rule is missing")
	}
	return r.check()
}
