// Package sheet presents an order as an operator enters it into the bureau's console, for a provider without a link to the bureau: sections in
// the order of the console, each value by itself. Call [Of]; [Refusal] turns the bureau's result codes into a decision.
//
//	s := sheet.Of(order, now)
//
// A sheet has personal data: show it only to the operator who enters the order.
package sheet

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/app"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/division"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/rules/preapproval"
)

// A Sheet is what the operator enters of one order.
type Sheet struct {
	Sections []Section `json:"sections" nullable:"false" doc:"in the order of the bureau's console"`
	Papers   []Paper   `json:"papers" nullable:"false" doc:"the papers to upload to the console, in its order"`
}

// A Section is one form of the console.
type Section struct {
	Title finding.Words `json:"title"`
	Rows  []Row         `json:"rows" nullable:"false"`
}

// A Row is one field of the console.
type Row struct {
	Label finding.Words `json:"label"`
	Value string        `json:"value" doc:"to copy into the console"`
	Note  finding.Words `json:"note,omitzero" doc:"what the operator has to know about the value"`
}

// A Paper is a paper's copy within the bureau's limits: a JPEG.
type Paper struct {
	Slot   evidence.Slot `json:"slot"`
	Words  finding.Words `json:"words"`
	SHA256 string        `json:"sha256" doc:"digest of the copy"`
}

// Format writes [redacted].
func (Sheet) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Sheet) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Row) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Row) LogValue() slog.Value { return person.RedactedValue() }

// A builder builds the sheet of an order.
type builder struct {
	order   filing.Order
	at      time.Time
	changed map[string]any // values before the change, by JSON pointer
	sheet   Sheet
}

// Of returns the sheet of an order by its kind, with the words of the code tables in o.Codes. Of parts that the order only refers to, it has
// the numbers; of a value that the order changes, the note has the one before.
func Of(o filing.Order, at time.Time) Sheet {
	b := builder{order: o, at: at, changed: map[string]any{}, sheet: Sheet{Papers: []Paper{}}}
	for _, d := range o.Summary().Changes {
		b.changed[d.Pointer] = d.Before
	}
	k := o.Kind()
	b.application(k)
	if k.Subject == filing.Asked || k.Subject == filing.Editable {
		b.subject()
	}
	if k.Sites == filing.Asked || k.Sites == filing.Editable {
		for i := range o.Private.Sites {
			b.site(i)
		}
	}
	if o.Product != nil {
		b.access(*o.Product)
	}
	b.papers()
	return b.sheet
}

func words(chinese, english string) finding.Words {
	return finding.Words{Chinese: chinese, English: english}
}

// section begins a section.
func (b *builder) section(title finding.Words) {
	b.sheet.Sections = append(b.sheet.Sections, Section{Title: title, Rows: []Row{}})
}

// add adds a row to the last section, unless its value is empty. pointer is that of the value in the order's details.
func (b *builder) add(label finding.Words, value, pointer string) {
	if value == "" {
		return
	}
	row := Row{Label: label, Value: value}
	if before, changed := b.changed[pointer]; changed && pointer != "" {
		row.Note = words("本次变更", "changed by this application")
		if text, isText := before.(string); isText && text != "" {
			row.Note = words("原为："+text, "before: "+text)
		}
	}
	b.addRow(row)
}

// addRow adds a row to the last section.
func (b *builder) addRow(r Row) {
	last := &b.sheet.Sections[len(b.sheet.Sections)-1]
	last.Rows = append(last.Rows, r)
}

// application adds the kind of the application and, of a filing that it is about, the numbers.
func (b *builder) application(k filing.Kind) {
	o := b.order
	b.section(words("办理事项", "Application"))
	b.add(words("办理类型", "kind"), o.ServiceAt("").Fit(k.Words).Chinese, "")
	b.add(words("主体所在省", "province of the subject"), o.Province.Province().Name.Chinese, "")
	if k.Begins == filing.Determined {
		b.add(words("互联网信息服务类型", "kind of the service"), o.Service.Words().Chinese, "")
	}
	if o.AsksBureauAboutPassword(b.at) { // the console checks it
		b.add(words("备案密码", "filing password"), o.Private.FilingPassword.Reveal(), "")
	}
	if c := o.Cancellation; c != nil {
		b.add(words("注销原因", "reason of the cancellation"), c.ReasonWords.Chinese, "")
		b.add(words("原因说明", "remark to the reason"), o.Private.CancellationRemark, "")
	}
	if o.Filed == nil {
		return
	}
	b.add(words("主体备案号", "number of the subject"), o.Filed.Number.String(), "")
	for i, s := range o.Filed.Sites {
		if len(o.Chosen) > 0 && !slices.Contains(o.Chosen, i) {
			continue
		}
		var domains []string
		for _, d := range s.DomainNames() {
			domains = append(domains, d.Display())
		}
		kind := s.Number.Service.Words()
		b.addRow(Row{Label: words(kind.Chinese+"备案号", "number of the "+kind.English), Value: s.Number.String(), Note: words(strings.Join(domains, " "), strings.Join(domains, " "))})
	}
}

func (b *builder) subject() {
	o, s := b.order, b.order.Private.Subject
	b.section(words("主体信息", "Subject"))
	b.add(words("主办单位性质", "nature of the subject"), o.Entity.Words().Chinese, "")
	b.add(words("主办单位名称", "name of the subject"), s.Name.Reveal(), "/subject/name")
	b.certificate(s.Certificate, "/subject/certificate")
	b.add(words("证件住所", "address on the certificate"), s.CertificateAddress, "/subject/certificateAddress")
	b.division(s.Division)
	b.add(words("通信地址：详细地址", "address: street"), s.Address, "/subject/address")
	b.add(words("投资人或主管单位", "investor or superior organisation"), s.Investor, "/subject/investor")
	b.add(words("备注", "remark"), s.Remark, "/subject/remark")
	b.section(words("主体负责人", "Subject leader"))
	b.leader(s.Leader, "/subject/leader")
}

// division adds province, city and county, which the console asks one after the other.
func (b *builder) division(code string) {
	labels := map[division.Level]finding.Words{division.Province: words("通信地址：省", "address: province"),
		division.City: words("通信地址：市", "address: city"), division.County: words("通信地址：县", "address: county")}
	var rows []Row
	for range labels {
		d, known := division.Of(code, b.at)
		if !known {
			break
		}
		rows = append(rows, Row{Label: labels[d.Level()], Value: d.Name})
		if d.Level() == division.Province { // it is its own parent
			break
		}
		code = d.Parent()
	}
	slices.Reverse(rows)
	for _, r := range rows {
		b.add(r.Label, r.Value, "/subject/division")
	}
}

func (b *builder) leader(l filing.Leader, pointer string) {
	b.add(words("姓名", "name"), l.Name.Reveal(), pointer+"/name")
	if l.LegalRepresentative {
		b.add(words("法定代表人", "legal representative"), "是", pointer+"/legalRepresentative")
	}
	b.certificate(l.Certificate, pointer+"/certificate")
	b.add(words("手机号码", "mobile"), l.Mobile.Reveal(), pointer+"/mobile")
	b.add(words("办公电话", "office phone"), l.OfficePhone.Reveal(), pointer+"/officePhone")
	b.add(words("应急联系电话", "emergency phone"), l.EmergencyPhone.Reveal(), pointer+"/emergencyPhone")
	b.add(words("电子邮件", "email"), l.Email.Reveal(), pointer+"/email")
}

func (b *builder) certificate(c filing.IdentityDocument, pointer string) {
	if c.Kind == 0 {
		return
	}
	b.add(words("证件类型", "kind of certificate"), b.code(codes.CertificateKinds, int(c.Kind)), pointer+"/kind")
	b.add(words("证件号码", "number of the certificate"), c.Number.Reveal(), pointer+"/number")
	if c.Validity == (certificate.Validity{}) {
		return
	}
	until := string(c.Validity.To)
	if c.Validity.LongTerm {
		until = "长期"
	}
	b.add(words("证件有效期", "validity of the certificate"), strings.TrimPrefix(string(c.Validity.From)+" 至 "+until, " 至 "), pointer+"/validity")
}

// site adds a website or another service, with the words of its kind.
func (b *builder) site(i int) {
	s, pointer := b.order.Private.Sites[i], fmt.Sprintf("/sites/%d", i)
	kind, n := b.order.ServiceOf(i), strconv.Itoa(i+1)
	label := func(chinese, english string) finding.Words { return words(kind.Words().Chinese+chinese, english) }
	title := strings.ToUpper(kind.Words().English[:1]) + kind.Words().English[1:] + " " + n
	b.section(label(n, title))
	b.add(label("名称", "name of the "+kind.Words().English), s.Name, pointer+"/name")
	for _, d := range s.Domains {
		row := Row{Label: words("域名", "domain"), Value: string(d)}
		if d.Display() != string(d) {
			row.Note = words(d.Display(), d.Display())
		}
		b.addRow(row)
	}
	if s.App != nil {
		b.app(kind, *s.App, pointer+"/app")
	}
	b.add(words("网站首页网址", "home page"), s.HomeURL, pointer+"/homeUrl")
	b.add(label("服务内容", "service content"), b.codes(codes.Services, s.ServiceContent), pointer+"/serviceContent")
	b.add(label("语言", "languages"), b.codes(codes.Languages, s.Languages), pointer+"/languages")
	for n, p := range s.PreApprovals {
		at := fmt.Sprintf("%s/preApprovals/%d", pointer, n)
		b.add(words("前置审批类型", "pre-approval"), b.trade(p.Trade), at+"/trade")
		b.add(words("前置审批号", "number of the pre-approval"), p.Number, at+"/number")
	}
	b.add(label("备注", "remark"), s.Remark, pointer+"/remark")
	b.section(label(n+"负责人", "Leader of "+kind.Words().English+" "+n))
	b.leader(s.Leader, pointer+"/leader")
}

// app adds the platforms of an app, a mini program or a quick app, each with its package, and the servers that it calls.
func (b *builder) app(kind number.Service, d app.Details, pointer string) {
	for i, p := range d.Platforms {
		at := fmt.Sprintf("%s/platforms/%d", pointer, i)
		name := p.Name
		if s, known := app.SystemOf(kind, p.System); known && name == "" {
			name = s.Words.Chinese
		}
		b.add(words("运行平台", "platform"), name, at+"/system")
		b.add(app.PackageWords(kind, p.System), p.Package, at+"/package")
		b.add(words("公钥", "public key"), p.PublicKey, at+"/publicKey")
		b.add(words("证书指纹（"+app.Digest(p.Fingerprint)+"）", "fingerprint of the certificate ("+app.Digest(p.Fingerprint)+")"), p.Fingerprint, at+"/fingerprint")
	}
	for i, host := range d.Hosts {
		b.add(words("平台使用的域名", "domain used on the platforms"), host, fmt.Sprintf("%s/hosts/%d", pointer, i))
	}
}

// trade returns the name of a trade with a pre-approval.
func (b *builder) trade(t preapproval.Trade) string {
	if number, known := t.Number(); known && number > 0 {
		return b.code(codes.PreApprovals, number)
	}
	if r, known := preapproval.Of(t); known {
		return r.Name.Chinese
	}
	return string(t)
}

// access adds the hosting, which is the same for all sites of an order.
func (b *builder) access(p filing.Product) {
	b.section(words("接入信息", "Access"))
	b.add(words("接入方式", "access mode"), b.code(codes.AccessModes, p.Mode), "")
	b.add(words("服务器放置地", "place of the server"), p.Placement.Province().Name.Chinese, "")
	for _, ip := range p.IPs {
		b.add(words("IP 地址", "IP address"), ip, "")
	}
}

// papers lists the papers: those of the subject, then those of each site.
func (b *builder) papers() {
	var slots []evidence.Slot
	for slot := range b.order.Evidence {
		slots = append(slots, slot)
	}
	slices.SortFunc(slots, func(a, c evidence.Slot) int {
		first, second := siteOf(a), siteOf(c)
		if first != second {
			return first - second
		}
		return strings.Compare(string(a), string(c))
	})
	for _, slot := range slots {
		b.sheet.Papers = append(b.sheet.Papers, Paper{Slot: slot, Words: b.order.SlotWords(slot), SHA256: b.order.Evidence[slot].CopySHA256})
	}
}

// siteOf returns the index of a slot's site; -1 for the subject's.
func siteOf(s evidence.Slot) int {
	if site, ofSite := s.Site(); ofSite {
		return site
	}
	return -1
}

// code returns the name of a code in Chinese, as the console shows it; its number if it has none.
func (b *builder) code(table codes.Name, id int) string {
	if name := b.order.Codes.Words(table, int64(id)).Chinese; name != "" {
		return name
	}
	return strconv.Itoa(id)
}

func (b *builder) codes(table codes.Name, ids []int) string {
	var names []string
	for _, id := range ids {
		names = append(names, b.code(table, id))
	}
	return strings.Join(names, "、")
}
