package web

import (
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// A StaffRead says that a member of staff read something of an order or a filing, or searched what a colleague read.
type StaffRead struct {
	At       time.Time       `json:"at"`
	Role     filing.Role     `json:"role" enum:"reviewer,admin"`
	What     filing.ReadPart `json:"what" enum:"brief,order,summary,papers,paper,timeline,ledger,staff-reads,bureau-file,service-code,verdict,sheet,calls,earlier,person,filing,filing-brief,filing-versions" doc:"brief: without personal data"`
	Purpose  filing.Purpose  `json:"purpose" enum:"overview,review,support,audit" doc:"review: under a claim; overview: a reviewer without a claim; support: an administrator; audit: an administrator who searches what a person read"`
	Words    finding.Words   `json:"words" doc:"what was read and why, in a sentence"`
	Slot     evidence.Slot   `json:"slot,omitempty" doc:"of the paper"`
	SHA256   string          `json:"sha256,omitempty" doc:"of the paper that was shown"`
	Verified bool            `json:"verified" doc:"whether the entry is as it was stored"`
	Account  filing.Account  `json:"account,omitempty" doc:"who read; not shown to applicants"`
	Others   []filing.ID     `json:"others,omitempty" doc:"orders of other subjects that were shown with it; not shown to applicants"`
	Order    filing.ID       `json:"order,omitempty" doc:"whose data were read; not shown to applicants"`
	Filing   register.ID     `json:"filing,omitempty" doc:"of the register, whose data were read; not shown to applicants"`
	Person   filing.Account  `json:"person,omitempty" doc:"the colleague whose reads were searched; not shown to applicants"`
	Request  string          `json:"request,omitempty" doc:"id of the request, as in the log; not shown to applicants"`
}

// StaffReadOf returns the JSON of an entry. For staff, it has the account and what else only staff see.
func StaffReadOf(r filing.StaffRead, forStaff bool) StaffRead {
	out := StaffRead{At: r.At, Role: r.By.Role, What: r.What, Purpose: r.Purpose, Words: wordsOf(r), Slot: r.Slot, SHA256: r.SHA256, Verified: r.MACValid}
	if forStaff {
		out.Order, out.Filing, out.Person = r.Order, r.Filing, r.Person
		out.Account, out.Others, out.Request = r.By.Account, r.Others, r.Request
	}
	return out
}

var readWords = map[filing.ReadPart]finding.Words{
	filing.ReadBrief:          {Chinese: "订单概况（不含个人信息）", English: "the order's state, without personal data"},
	filing.ReadOrder:          {Chinese: "订单的全部资料", English: "all data of the order"},
	filing.ReadSummary:        {Chinese: "确认用的信息汇总", English: "the summary for confirmation"},
	filing.ReadPapers:         {Chinese: "材料清单", English: "the list of papers"},
	filing.ReadPaper:          {Chinese: "一份材料的原图", English: "the original of a paper"},
	filing.ReadTimeline:       {Chinese: "办理进度", English: "the history"},
	filing.ReadLedger:         {Chinese: "操作记录", English: "the record of decisions"},
	filing.ReadStaffReads:     {Chinese: "查阅记录", English: "this list"},
	filing.ReadBureauFile:     {Chinese: "与管局交换的文件（个人信息已隐去）", English: "a file exchanged with the bureau, without personal data"},
	filing.ReadVerdict:        {Chinese: "规则变更对订单的影响", English: "what a change of rules means for the order"},
	filing.ReadFiling:         {Chinese: "备案的全部资料", English: "all data of the filing"},
	filing.ReadFilingBrief:    {Chinese: "备案概况（不含个人信息）", English: "the filing's state, without personal data"},
	filing.ReadFilingVersions: {Chinese: "备案的变动记录", English: "what changed the filing"},
	filing.ReadServiceCode:    {Chinese: "订单使用的备案服务号", English: "the service code that the order uses"},
	filing.ReadCalls:          {Chinese: "审核员的电话记录", English: "the phone calls about the order"},
	filing.ReadEarlier:        {Chinese: "同一主体此前的订单（不含个人信息）", English: "which earlier orders the subject has, without personal data"},
	filing.ReadPerson:         {Chinese: "一位同事的查阅记录", English: "what a colleague read"},
	filing.ReadSheet:          {Chinese: "向管局录入的全部信息和材料", English: "all data and papers, to enter them at the bureau"},
}

var purposeWords = map[filing.Purpose]finding.Words{
	filing.PurposeOverview: {Chinese: "审核员在领取订单前查看了", English: "A reviewer, before claiming the order, read "},
	filing.PurposeReview:   {Chinese: "审核员为初审查看了", English: "A reviewer, for the review, read "},
	filing.PurposeAudit:    {Chinese: "服务商管理员为核查查看了", English: "An administrator, for an audit, read "},
	filing.PurposeSupport:  {Chinese: "服务商管理员为处理问题查看了", English: "An administrator, for support, read "},
}

func wordsOf(r filing.StaffRead) finding.Words {
	purpose, part := purposeWords[r.Purpose], readWords[r.What]
	return finding.Words{Chinese: purpose.Chinese + part.Chinese + "。", English: purpose.English + part.English + "."}
}
