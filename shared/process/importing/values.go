package importing

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/text"
)

// Findings about the value of a cell.
const (
	CodeCellMissing      finding.Code = "import-cell-missing"
	CodeValueUnknown     finding.Code = "import-value-unknown"
	CodeNumberMalformed  finding.Code = "import-number-malformed"
	CodeNumberRounded    finding.Code = "import-number-rounded"
	CodeAddressMalformed finding.Code = "import-address-malformed"
	CodeIDMalformed      finding.Code = "import-id-malformed"
)

func one(code finding.Code, args ...string) finding.List {
	return finding.List{finding.New(code, "", args...)}
}

func setSubjectNumber(_ values, r *row, s string) finding.List {
	n, site, err := number.Parse(s)
	if err != nil || site != (number.Filing{}) {
		return one(CodeNumberMalformed)
	}
	r.filing.Number = n
	return nil
}

func setSiteNumber(_ values, r *row, s string) finding.List {
	n, err := number.ParseFiling(s)
	if err != nil {
		return one(CodeNumberMalformed)
	}
	r.site.Number = n
	return nil
}

func setNumber(d *register.IdentityDocument, s string) finding.List {
	d.Number = certificate.Number(s)
	return nil
}

var (
	separators     = regexp.MustCompile(`[;；,，、\s]+`)
	wordSeparators = regexp.MustCompile(`[;；,，、\n]+`) // words may have spaces
)

// split returns the parts of a cell with several values.
func split(s string, at *regexp.Regexp) []string {
	return slices.DeleteFunc(at.Split(strings.TrimSpace(s), -1), func(part string) bool { return part == "" })
}

func setDomains(_ values, r *row, s string) (found finding.List) {
	for i, typed := range split(s, separators) {
		d, wrong := domainname.Parse(typed)
		if slices.Contains(r.details.Domains, d) {
			continue
		}
		for _, f := range wrong {
			if f.Severity == finding.Block {
				found = append(found, wrong.Under("/"+strconv.Itoa(i))...)
				break
			}
		}
		r.site.Domains = append(r.site.Domains, register.FiledDomain{Name: d})
		r.details.Domains = append(r.details.Domains, d)
	}
	return found
}

func setAddresses(_ values, r *row, s string) finding.List {
	for _, typed := range split(text.NormalizeASCII(s), separators) {
		first, last, isRange := strings.Cut(typed, "-")
		if !isRange {
			last = first
		}
		from, err := netip.ParseAddr(first)
		to, err2 := netip.ParseAddr(last)
		if err != nil || err2 != nil || !from.Is4() || !to.Is4() || to.Less(from) {
			return one(CodeAddressMalformed)
		}
		r.access.IPs = append(r.access.IPs, register.IPRange{First: from.String(), Last: to.String()})
	}
	return nil
}

var ministryID = regexp.MustCompile(`^[1-9]\d{0,17}$`)

func setMinistryID(into *string, s string) finding.List {
	if s = text.NormalizeASCII(s); !ministryID.MatchString(s) {
		return one(CodeIDMalformed)
	}
	*into = s
	return nil
}

// maxServer is the largest length of a server's id in bytes, as in the inventory.
const maxServer = 64

func setServer(_ values, r *row, s string) finding.List {
	if len(s) > maxServer {
		return finding.List{finding.New(CodeCellTooLong, "", "max", strconv.Itoa(maxServer))}
	}
	r.access.Server = s
	return nil
}

func setProvider(_ values, r *row, s string) finding.List {
	var id string
	found := setMinistryID(&id, s)
	r.access.Provider, _ = strconv.ParseInt(id, 10, 64) // at most 18 digits
	return found
}

func (v values) setPlacement(r *row, s string) finding.List {
	code := strings.TrimSuffix(text.NormalizeASCII(s), "0000")
	known, ok := province.ParseCode(code)
	location, has := v.tables.Location(known)
	if !ok || !has {
		return one(CodeValueUnknown)
	}
	r.access.Placement, r.access.Locations = known, []int64{location}
	return nil
}

// A choice is a code with its words, folded.
type choice struct {
	id    int64
	words []string
}

func newChoice(id int64, w finding.Words) choice {
	return choice{id, []string{fold(w.Chinese), fold(w.English)}}
}

// choose returns the choices of a kind, which list makes at the first use.
func (v values) choose(kind string, list func() []choice) []choice {
	if _, made := v.cached[kind]; !made {
		v.cached[kind] = list()
	}
	return v.cached[kind]
}

var leadingCode = regexp.MustCompile(`^(\d{1,4})(?:\D.*)?$`)

// choose returns the code that a cell names by number, by number and words, by words, or by a part of the words of one code only.
func choose(choices []choice, typed string) (int64, bool) {
	typed = fold(typed)
	if parts := leadingCode.FindStringSubmatch(typed); parts != nil {
		id, err := strconv.ParseInt(parts[1], 10, 64)
		return id, err == nil && slices.ContainsFunc(choices, func(c choice) bool { return c.id == id })
	}
	var similar []int64
	for _, c := range choices {
		for _, w := range c.words {
			if w == typed {
				return c.id, true
			}
			if typed != "" && w != "" && strings.Contains(w, typed) && !slices.Contains(similar, c.id) {
				similar = append(similar, c.id)
			}
		}
	}
	if len(similar) == 1 {
		return similar[0], true
	}
	return 0, false
}

// fold returns a header or words in the form in which they are compared.
func fold(s string) string {
	s = strings.ToLower(text.NormalizeASCII(s))
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" *_()（）“”\"：:", r) {
			return -1
		}
		return r
	}, s)
}

func (v values) choices(name codes.Name) []choice {
	return v.choose(string(name), func() (all []choice) {
		for _, c := range v.tables.InForce(name) {
			all = append(all, newChoice(int64(c.Number), c.Words))
		}
		return all
	})
}

func (v values) list(name codes.Name, s string) (ids []int, found finding.List) {
	for i, typed := range split(s, wordSeparators) {
		id, ok := choose(v.choices(name), typed)
		if !ok {
			found = append(found, one(CodeValueUnknown).Under("/"+strconv.Itoa(i))...)
			continue
		}
		ids = append(ids, int(id))
	}
	return ids, found
}

func (v values) setEntity(r *row, s string) finding.List {
	id, ok := choose(v.choose("entities", func() (all []choice) {
		for _, e := range certificate.EntityKinds() {
			all = append(all, newChoice(int64(e), e.Words()))
		}
		return all
	}), s)
	if !ok {
		return one(CodeValueUnknown)
	}
	r.filing.Entity = certificate.EntityKind(id)
	return nil
}

// setKind sets the kind of the subject's certificate. The same words stand for several kinds, of which the subject's can have one.
func (v values) setKind(r *row, d *register.IdentityDocument, s string) finding.List {
	of := r.filing.Entity
	return chooseKind(v.choose(fmt.Sprint("kinds of ", of), func() []choice {
		return kinds(func(k certificate.Kind) bool { return of == 0 || slices.Contains(k.Entities(), of) })
	}), d, s)
}

func (v values) setPersonalKind(d *register.IdentityDocument, s string) finding.List {
	return chooseKind(v.choose("personal kinds", func() []choice { return kinds(certificate.Kind.Personal) }), d, s)
}

func kinds(is func(certificate.Kind) bool) (all []choice) {
	for _, k := range certificate.Kinds() {
		if is(k) {
			all = append(all, newChoice(int64(k), k.Words()))
		}
	}
	return all
}

func chooseKind(all []choice, d *register.IdentityDocument, s string) finding.List {
	id, ok := choose(all, s)
	if !ok {
		return one(CodeValueUnknown)
	}
	d.Kind = certificate.Kind(id)
	return nil
}

// setPreApprovals reads "news=number; …". A trade is its name, or its words.
func (v values) setPreApprovals(r *row, s string) (found finding.List) {
	trades := v.tables.Trades()
	for i, typed := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '；' || r == '\n' }) {
		trade, licence, ok := strings.Cut(strings.ReplaceAll(typed, "＝", "="), "=")
		trade = fold(trade)
		index := slices.IndexFunc(trades, func(t preapproval.Rule) bool {
			return fold(string(t.Trade)) == trade || fold(t.Name.Chinese) == trade || fold(t.Name.English) == trade
		})
		if !ok || index < 0 {
			found = append(found, one(CodeValueUnknown).Under("/"+strconv.Itoa(i))...)
			continue
		}
		r.details.PreApprovals = append(r.details.PreApprovals, register.PreApproval{Trade: trades[index].Trade, Number: strings.TrimSpace(licence)})
	}
	return found
}
