package operator

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"beian/shared/filing"
	"beian/shared/process/coaching"
	"beian/shared/process/figures"
	"beian/shared/process/inventory"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// FlowDay is what happened to applications on a day. A day begins and ends at midnight in Shanghai.
type FlowDay struct {
	Day       workday.Date `json:"day" format:"date"`
	Opened    int          `json:"opened"`
	Entered   int          `json:"entered" doc:"reached the initial review, also again: after a correction, a failed SMS check or an appeal"`
	Passed    int          `json:"passed" doc:"passed the initial review"`
	Returned  int          `json:"returned" doc:"to the applicant, by a reviewer or by the checks before transmission"`
	Rejected  int          `json:"rejected" doc:"by a reviewer"`
	Sent      int          `json:"sent" doc:"received by the bureau, or entered there by hand"`
	Approved  int          `json:"approved"`
	Refused   int          `json:"refused" doc:"by the bureau or its interface"`
	Withdrawn int          `json:"withdrawn"`
	Ended     int          `json:"ended" doc:"abandoned or expired"`
}

// FirstPass says how many applications reached the bureau without having been returned or rejected.
type FirstPass struct {
	Week   workday.Date `json:"week,omitempty" format:"date" doc:"Monday of the week; absent in the figures of a kind"`
	Type   filing.Type  `json:"type,omitempty" doc:"kind of application; absent in the figures of a week"`
	Cases  int          `json:"cases" doc:"applications that reached the bureau for the first time"`
	Passed int          `json:"passed" doc:"of them, those that were never returned or rejected"`
	Rate   *float64     `json:"rate,omitempty" minimum:"0" maximum:"1" doc:"passed by cases; absent for fewer than ten cases"`
}

// Refusal says how often a reason was given in a province.
type Refusal struct {
	By       filing.Refuser `json:"by" enum:"reviewer,checks,bureau" doc:"a reviewer who returned or rejected; the checks before transmission; the bureau"`
	Code     finding.Code   `json:"code" doc:"of the catalogue; reviewer is a reason in own words"`
	Words    finding.Words  `json:"words"`
	Province province.Code  `json:"province" doc:"GB/T 2260, two digits"`
	Count    int            `json:"count" doc:"applications; one with several reasons counts for each"`
}

// RefusalProvince says how many applications were returned, rejected and refused in a province.
type RefusalProvince struct {
	Province province.Code `json:"province" doc:"GB/T 2260, two digits"`
	Entered  int           `json:"entered" doc:"reached the initial review"`
	Returned int           `json:"returned"`
	Rejected int           `json:"rejected"`
	Sent     int           `json:"sent" doc:"received by the bureau"`
	Refused  int           `json:"refused" doc:"by the bureau or its interface"`
}

// Messages says what became of messages, by recipient.
type Messages struct {
	Day        workday.Date `json:"day,omitempty" format:"date" doc:"absent in the figures of a kind"`
	Kind       string       `json:"kind,omitempty" doc:"kind of message; absent in the figures of a day" example:"submitted"`
	SMS        int          `json:"sms" doc:"accepted by the carrier"`
	FailedSMS  int          `json:"failedSms" doc:"refused by the carrier"`
	Mail       int          `json:"mail" doc:"accepted by the mail service"`
	FailedMail int          `json:"failedMail" doc:"refused by the mail service"`
	Bounced    int          `json:"bounced" doc:"accepted, and refused by the recipient's server"`
	Limited    int          `json:"limited" doc:"not sent, because the recipient has reached the limit of messages"`
}

// SMSChecks says how many SMS checks of leaders began and ended on a day.
type SMSChecks struct {
	Day        workday.Date `json:"day" format:"date"`
	Sent       int          `json:"sent" doc:"checks that began: their codes were sent"`
	Answered   int          `json:"answered" doc:"all leaders have answered"`
	Unanswered int          `json:"unanswered" doc:"the time was over"`
	Wrong      int          `json:"wrong" doc:"too many wrong codes"`
}

// addDays adds what happened on days, oldest first.
func (f *Figures) addDays(days []figures.Day, of province.Code) {
	weeks, kinds := map[workday.Date]FirstPass{}, map[filing.Type]FirstPass{}
	reasons, provinces, messages := map[Refusal]int{}, map[province.Code]RefusalProvince{}, map[string]figures.Delivery{}
	for _, day := range days {
		day = day.In(of)
		f.addDay(day)
		week := monday(day.Day)
		for _, t := range day.Flow {
			weeks[week] = weeks[week].plus(t.Events)
			kinds[t.Type] = kinds[t.Type].plus(t.Events)
			provinces[t.Province] = provinces[t.Province].plus(t.Events)
		}
		for _, r := range day.Reasons {
			reasons[Refusal{By: r.By, Code: r.Code, Words: web.ReasonWords(r.Code), Province: r.Province}] += r.Count
		}
		for _, d := range day.Messages {
			sum := messages[d.Kind]
			sum.Add(d)
			messages[d.Kind] = sum
		}
	}
	for _, week := range slices.Sorted(maps.Keys(weeks)) {
		if one := weeks[week].rated(); one.Cases > 0 {
			one.Week = week
			f.FirstPassWeeks = append(f.FirstPassWeeks, one)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if one := kinds[kind].rated(); one.Cases > 0 {
			one.Type = kind
			f.FirstPassKinds = append(f.FirstPassKinds, one)
		}
	}
	for r, n := range reasons {
		r.Count = n
		f.Refusals = append(f.Refusals, r)
	}
	slices.SortFunc(f.Refusals, func(a, b Refusal) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.By, b.By), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Province, b.Province))
	})
	for _, code := range slices.Sorted(maps.Keys(provinces)) {
		if one := provinces[code]; one != (RefusalProvince{}) {
			one.Province = code
			f.RefusalProvinces = append(f.RefusalProvinces, one)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(messages)) {
		f.Messages = append(f.Messages, messagesOf("", kind, messages[kind]))
	}
}

// addDay adds the rows of a day, and empty ones for the days since the last in the list, so that charts show them.
func (f *Figures) addDay(day figures.Day) {
	if n := len(f.Flow); n > 0 {
		for missing := f.Flow[n-1].Day.AddDays(1); missing < day.Day; missing = missing.AddDays(1) {
			f.addDay(figures.Day{Day: missing})
		}
	}
	n := day.Total()
	f.Flow = append(f.Flow, FlowDay{Day: day.Day, Opened: n[filing.FlowOpened], Entered: n[filing.FlowEntered], Passed: n[filing.FlowPassed], Returned: n[filing.FlowReturned],
		Rejected: n[filing.FlowRejected], Sent: n[filing.FlowSent], Approved: n[filing.FlowApproved], Refused: n[filing.FlowRefused], Withdrawn: n[filing.FlowWithdrawn],
		Ended: n[filing.FlowAbandoned] + n[filing.FlowExpired]})
	var sum figures.Delivery
	for _, d := range day.Messages {
		sum.Add(d)
	}
	f.MessageDays = append(f.MessageDays, messagesOf(day.Day, "", sum))
	f.SMSChecks = append(f.SMSChecks, SMSChecks{Day: day.Day, Sent: n[filing.FlowSMSSent], Answered: n[filing.FlowSMSAnswered], Unanswered: n[filing.FlowSMSUnanswered], Wrong: n[filing.FlowSMSWrong]})
}

func messagesOf(day workday.Date, kind string, d figures.Delivery) Messages {
	return Messages{Day: day, Kind: kind, SMS: d.SMS, FailedSMS: d.FailedSMS, Mail: d.Mail, FailedMail: d.FailedMail, Bounced: d.Bounced, Limited: d.Limited}
}

func (p FirstPass) plus(events map[filing.FlowEvent]int) FirstPass {
	p.Cases, p.Passed = p.Cases+events[filing.FlowFirst], p.Passed+events[filing.FlowFirstPass]
	return p
}

// Lost is the number of returns, rejections and refusals.
func (p RefusalProvince) Lost() int { return p.Returned + p.Rejected + p.Refused }

// rated sets the rate if there are enough cases.
func (p FirstPass) rated() FirstPass {
	if p.Cases >= coaching.LeastCases {
		p.Rate = new(float64(p.Passed) / float64(p.Cases))
	}
	return p
}

func (p RefusalProvince) plus(events map[filing.FlowEvent]int) RefusalProvince {
	p.Entered, p.Returned, p.Rejected = p.Entered+events[filing.FlowEntered], p.Returned+events[filing.FlowReturned], p.Rejected+events[filing.FlowRejected]
	p.Sent, p.Refused = p.Sent+events[filing.FlowSent], p.Refused+events[filing.FlowRefused]
	return p
}

// monday returns the Monday of the week of a day.
func monday(day workday.Date) workday.Date {
	return day.AddDays(-(int(day.Time().Weekday()) + 6) % 7)
}

// Columns of the CSV files, and their rows.
var (
	flowColumns = []inventory.Column{column("day", "日期", "Day", true), column("opened", "新建", "Opened", true), column("entered", "进入初审", "Entered the review", true),
		column("passed", "初审通过", "Passed the review", true), column("returned", "退回修改", "Returned", true), column("rejected", "初审驳回", "Rejected", true),
		column("sent", "已提交管局", "At the bureau", true), column("approved", "备案成功", "Approved", true), column("refused", "管局驳回", "Refused by the bureau", true),
		column("withdrawn", "撤销", "Withdrawn", true), column("ended", "放弃或失效", "Abandoned or expired", true)}
	firstPassColumns = []inventory.Column{column("week", "周（周一）", "Week (Monday)", false), column("type", "备案类型", "Kind", false), column("cases", "首次提交管局", "First time at the bureau", true),
		column("passed", "未被退回", "Never returned", true), column("percent", "一次通过率%", "First-pass rate, percent", false)}
	refusalColumns = []inventory.Column{column("by", "退回方", "By", true), column("code", "原因代码", "Code", true), column("reason", "原因", "Reason", true),
		column("province", "省份代码", "Province", true), column("count", "次数", "Count", true)}
	refusalProvinceColumns = []inventory.Column{column("province", "省份代码", "Province", true), column("entered", "进入初审", "Entered the review", true), column("returned", "退回修改", "Returned", true),
		column("rejected", "初审驳回", "Rejected", true), column("sent", "已提交管局", "At the bureau", true), column("refused", "管局驳回", "Refused by the bureau", true)}
	messageColumns = []inventory.Column{column("sms", "短信", "SMS", true), column("failedSms", "短信失败", "SMS failed", true),
		column("mail", "邮件", "Email", true), column("failedMail", "邮件失败", "Email failed", true), column("bounced", "邮件退信", "Bounced", true), column("limited", "超出上限未发", "Over the limit", true)}
	messageKindColumns = append([]inventory.Column{column("kind", "消息种类", "Kind", true)}, messageColumns...)
	messageDayColumns  = append([]inventory.Column{column("day", "日期", "Day", true)}, messageColumns...)
	smsCheckColumns    = []inventory.Column{column("day", "日期", "Day", true), column("sent", "已发验证码", "Sent", true), column("answered", "已核验", "Answered", true),
		column("unanswered", "到期未回复", "Unanswered", true), column("wrong", "错误过多", "Too many wrong", true)}
)

// tableRow returns texts and numbers as the cells of a row.
func tableRow(texts []string, numbers ...int) []string {
	for _, n := range numbers {
		texts = append(texts, strconv.Itoa(n))
	}
	return texts
}

func flowRows(f Figures) (rows [][]string) {
	for _, d := range f.Flow {
		rows = append(rows, tableRow([]string{string(d.Day)}, d.Opened, d.Entered, d.Passed, d.Returned, d.Rejected, d.Sent, d.Approved, d.Refused, d.Withdrawn, d.Ended))
	}
	return rows
}

// firstPassRows has the weeks, and after them the kinds.
func firstPassRows(f Figures) (rows [][]string) {
	for _, p := range slices.Concat(f.FirstPassWeeks, f.FirstPassKinds) {
		rate := ""
		if p.Rate != nil {
			rate = strconv.FormatFloat(100**p.Rate, 'f', 1, 64)
		}
		rows = append(rows, append(tableRow([]string{string(p.Week), string(p.Type)}, p.Cases, p.Passed), rate))
	}
	return rows
}

func refusalRows(f Figures) (rows [][]string) {
	for _, r := range f.Refusals {
		rows = append(rows, tableRow([]string{string(r.By), string(r.Code), r.Words.Chinese, string(r.Province)}, r.Count))
	}
	return rows
}

func refusalProvinceRows(f Figures) (rows [][]string) {
	for _, p := range f.RefusalProvinces {
		rows = append(rows, tableRow([]string{string(p.Province)}, p.Entered, p.Returned, p.Rejected, p.Sent, p.Refused))
	}
	return rows
}

func messageRows(of []Messages) (rows [][]string) {
	for _, m := range of {
		rows = append(rows, tableRow([]string{cmp.Or(string(m.Day), m.Kind)}, m.SMS, m.FailedSMS, m.Mail, m.FailedMail, m.Bounced, m.Limited))
	}
	return rows
}

func smsCheckRows(f Figures) (rows [][]string) {
	for _, c := range f.SMSChecks {
		rows = append(rows, tableRow([]string{string(c.Day)}, c.Sent, c.Answered, c.Unanswered, c.Wrong))
	}
	return rows
}
