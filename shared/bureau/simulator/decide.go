package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
)

const (
	reviewer        = "模拟管局审核员"
	refusalOpinion  = "提交的资料不符合要求，请修改后重新提交"
	timeoutOpinion  = "短信核验超时未完成，备案申请已退回"
	decidedByCheck  = "failed-check"
	decidedAsStored = "stored"
)

// decideDue decides every record that is due and issues the result files. The caller holds b.mu.
func (b *Bureau) decideDue() error {
	now := b.config.Now()
	var due []*record
	for _, r := range b.state.waiting {
		if !r.Action.Silent && !r.Due.After(now) {
			due = append(due, r)
		}
	}
	slices.SortStableFunc(due, func(x, y *record) int { return x.Due.Compare(y.Due) })
	for _, r := range due {
		if err := b.record(event{Decided: b.decide(r, now)}); err != nil {
			return err
		}
	}
	return b.issueResults()
}

// decide returns the decision about a record: of the machine checks if one fails, else of the review in the scenario.
func (b *Bureau) decide(r *record, now time.Time) *decision {
	if r.Resource != nil {
		return b.decideResource(r)
	}
	d := &decision{Record: r.ID, Numbers: b.state.numbers.clone(), Twice: r.Action.Twice}
	if codes := append(slices.Clone(r.Codes), b.state.conflicts(r)...); len(codes) > 0 {
		d.Decision = decidedByCheck
		d.Result = r.recordResult(codes)
		return d
	}
	if r.Unfiled != "" || r.Verified != nil {
		d.Decision = decidedAsStored // without a result: no code says so
		if r.Action.Decision == Refuse {
			d.Decision, d.Result = string(Refuse), r.recordResult(r.Action.resultCodes(result.RefusedByBureau))
		}
		return d
	}
	if r.Operation == document.SubmitEvidenceOperation {
		d.Decision, d.Result = decidedAsStored, r.recordResult([]resultCode{{Code: result.EvidenceStored}})
		if r.Action.Decision == Refuse {
			d.Decision, d.Result = string(Refuse), r.recordResult(r.Action.resultCodes(result.RefusedByBureau))
		}
		return d
	}
	opinion := &document.Opinion{
		Reviewer: reviewer, Time: document.FormatTime(now), Operation: r.Operation, Record: r.opinionRecord(),
	}
	d.Opinion = opinion
	switch r.Action.Decision {
	case Refuse:
		d.Decision, opinion.Text = string(Refuse), cmp.Or(r.Action.Opinion, refusalOpinion)
		d.Result = r.recordResult(r.Action.resultCodes(result.RefusedByBureau))
	case SMSTimeout:
		d.Decision, opinion.Text = string(SMSTimeout), cmp.Or(r.Action.Opinion, timeoutOpinion)
		d.Result = r.recordResult([]resultCode{{Code: result.RefusedByBureau}})
	default:
		d.Decision, opinion.Text, opinion.Decision = string(Approve), r.Action.Opinion, document.Approved
		b.state.applyApproval(r, d, now)
	}
	return d
}

// resultCodes returns the codes of a refusal, or one code if the action has none.
func (a Action) resultCodes(otherwise int64) []resultCode {
	if len(a.Codes) == 0 {
		return []resultCode{{Code: otherwise}}
	}
	var codes []resultCode
	for _, code := range a.Codes {
		codes = append(codes, resultCode{Code: code})
	}
	return codes
}

// recordResult returns codes about a record.
func (r *record) recordResult(codes []resultCode) *document.RecordResult {
	items := make([]document.ResultItem, 0, len(codes))
	for _, f := range codes {
		items = append(items, document.ResultItem{Code: f.Code, Text: f.text()})
	}
	operation := cmp.Or(r.Operation, document.NewFilingOperation) // answers to tasks have no Czlx
	return &document.RecordResult{Items: items, Operation: operation, Record: r.Bs}
}

// text returns the text of a code in the form of real bureaus: the code's, then the details.
func (f resultCode) text() string {
	code, _ := result.Lookup(f.Code)
	text := strings.Replace(code.Text, "当前版本信息", document.Version, 1)
	switch {
	case f.Code == result.BrokenSchema:
		text = f.Detail // the file's name
	case f.Detail != "":
		text += "。" + f.Detail
	}
	if runes := []rune(text); len(runes) > 255 {
		text = string(runes[:255])
	}
	return text
}

// opinionRecord returns the id by which a review opinion names the record (MIIT-IF30 8.3).
func (r *record) opinionRecord() int64 {
	switch {
	case r.New != nil:
		return r.New.Subject.ID
	case r.AddSite != nil:
		return r.AddSite.Sites[0].ID
	case r.AddAccess != nil:
		return r.AddAccess.ID
	case r.Change != nil:
		return r.Change.Subject.ID
	case r.Cancel != nil:
		return r.Cancel.ID
	}
	return 0
}

// issueResults issues the decisions that are in no file yet: a file of results and opinions, one of filed data, and one of
// cancellations, each with at most RecordsPerFile records.
func (b *Bureau) issueResults() error {
	byProvider := map[int64][]*decision{}
	var order []int64
	for _, d := range b.state.unissued {
		provider := b.state.records[d.Record-1].Provider
		if byProvider[provider] == nil {
			order = append(order, provider)
		}
		byProvider[provider] = append(byProvider[provider], d)
	}
	for _, provider := range order {
		for part := range slices.Chunk(byProvider[provider], b.config.RecordsPerFile) {
			var records []int
			for _, d := range part {
				records = append(records, d.Record)
			}
			if err := b.issue(provider, records, filesOf(part)...); err != nil {
				return err
			}
		}
	}
	return nil
}

func filesOf(decisions []*decision) []*document.Download {
	results, filed, gone, again := document.NewDownload(), document.NewDownload(), document.NewDownload(), document.NewDownload()
	results.ICP.Results, again.ICP.Results = &document.Results{}, &document.Results{}
	add := func(to *document.Results, d *decision) {
		if d.Result != nil {
			to.Records = append(to.Records, *d.Result)
		}
		if d.Opinion != nil {
			to.Opinions = append(to.Opinions, *d.Opinion)
		}
	}
	var twice []*decision
	for _, d := range decisions {
		add(results.ICP.Results, d)
		if d.Twice {
			add(again.ICP.Results, d)
			twice = append(twice, d)
		}
		if d.Filed != nil {
			filed.ICP.Filed = append(filed.ICP.Filed, *d.Filed)
		}
		gone.ICP.Cancelled = append(gone.ICP.Cancelled, d.Gone...)
	}
	var files []*document.Download
	if len(results.ICP.Results.Records)+len(results.ICP.Results.Opinions) > 0 {
		files = append(files, &results)
	}
	if len(filed.ICP.Filed) > 0 {
		files = append(files, &filed)
	}
	if len(gone.ICP.Cancelled) > 0 {
		files = append(files, &gone)
	}
	if len(again.ICP.Results.Records)+len(again.ICP.Results.Opinions) > 0 {
		again.ICP.Filed = filed.ICP.Filed
		files = append(files, &again)
	}
	return append(append(files, resourceFiles(decisions)...), resourceFiles(twice)...)
}

// issue issues documents to a provider. The caller holds b.mu.
func (b *Bureau) issue(provider int64, records []int, downloads ...*document.Download) error {
	i := issuedFiles{Provider: provider, Records: records}
	var contents [][]byte
	for _, d := range downloads {
		content, err := d.Marshal()
		if err != nil {
			return err
		}
		contents = append(contents, content)
		if d.ICP == nil {
			continue
		}
		for _, site := range d.ICP.Unfiled {
			i.Unfiled = append(i.Unfiled, strings.ToLower(site.Domain))
		}
		for _, task := range d.ICP.Tasks {
			i.Verify = append(i.Verify, task.Subject.ID)
		}
	}
	return b.issueFiles(i, contents...)
}

// issueFiles issues files with these contents.
func (b *Bureau) issueFiles(i issuedFiles, contents ...[]byte) error {
	if _, known := b.accounts[i.Provider]; !known {
		return fmt.Errorf("no account %d", i.Provider)
	}
	for n, content := range contents {
		stamp := b.config.Now().In(time.FixedZone("CST", 8*60*60)).Format("20060102150405")
		name := fmt.Sprintf("%s_%s_%d.xml", stamp, b.config.Letters, b.state.files+n+1)
		i.Files = append(i.Files, &file{Name: name, Content: content})
	}
	return b.record(event{Issued: &i})
}

// nextNumber returns the next number of a province: eight digits before 2020, ten since (six of them the serial).
func (n *numberings) nextNumber(division int64, at time.Time) string {
	code := division / 10000
	if provinces[code] == "" {
		code = 11
	}
	year := document.FormatDate(at)[:4]
	if year < "2020" {
		year = year[2:]
	}
	key := decimal(code) + year
	n.Serial[key]++
	return fmt.Sprintf("%sICP备%s%06d号", provinces[code], year, n.Serial[key])
}

// provinces are the characters that begin filing numbers, by the first two digits of a division (GB/T 2260).
var provinces = map[int64]string{
	11: "京", 12: "津", 13: "冀", 14: "晋", 15: "蒙", 21: "辽", 22: "吉", 23: "黑", 31: "沪", 32: "苏", 33: "浙", 34: "皖",
	35: "闽", 36: "赣", 37: "鲁", 41: "豫", 42: "鄂", 43: "湘", 44: "粤", 45: "桂", 46: "琼", 50: "渝", 51: "蜀", 52: "黔",
	53: "滇", 54: "藏", 61: "陕", 62: "陇", 63: "青", 64: "宁", 65: "新",
}
