package limits

import (
	"time"

	"beian/shared/rules/finding"
)

// An Action is something that is counted. Its text is part of the settings and of the table's keys.
type Action string

// Actions on orders.
const (
	Open        Action = "open"          // open an order: the ministry and the registrars are asked about its subject and domains
	CorrectType Action = "correct-type"  // correct an opening: they are asked again
	Plan        Action = "plan"          // plan orders: up to 1,000 domains are checked
	TryProduct  Action = "try-product"   // try a server or a service code
	Enter       Action = "enter-details" // enter or confirm the details: all rules are checked
	Form        Action = "upload-form"   // get upload forms, up to 32 at once
	Accept      Action = "accept-papers" // have uploads checked: pictures are decoded
	Challenge   Action = "challenge"     // start a liveness check
	Capture     Action = "capture"       // submit a recording, which the liveness provider charges for
	AnswerSMS   Action = "answer-sms"    // enter the code of an SMS or an email
	ResendSMS   Action = "resend-sms"    // have an SMS sent again
	ContactCode Action = "contact-code"  // have a code sent to the mobile or the email address of the contact
	ClaimFiling Action = "claim-filing"  // have a code sent to the leader of a filing that the account claims
	Transfer    Action = "take-transfer" // enter the code of a transfer
	AskConsent  Action = "ask-consent"   // have a code sent to the leader of a subject that an agency asks for a consent
	// RevokeConsent is a request of a leader without an account to revoke consents, or an answer with its code.
	RevokeConsent Action = "revoke-consent"
	// CheckDomain is a look-up of a domain by anybody.
	CheckDomain Action = "check-domain"
	// AskState is a question of somebody without an account how far an order is, or an answer with its code.
	AskState Action = "ask-state"
	// ReviewReply is an SMS that answers one about an annual review.
	ReviewReply Action = "review-reply"
	PhoneCode   Action = "phone-code" // look up or use a code with which a phone goes on for a browser
	// KeepForm is a form that is kept for the next log-in, because the session of the browser had ended.
	KeepForm   Action = "keep-form"
	NoticeSMS  Action = "notice-sms"  // receive an SMS about an order that neither the provider nor the bureau caused
	NoticeMail Action = "notice-mail" // receive such an email
	Change     Action = "change"      // any other change of an order by its applicant
	Staff      Action = "staff"       // a change by a reviewer or an operator
)

// A Rule is the limit of an action.
type Rule struct {
	Window time.Duration
	Max    map[Scope]int // of each window; a scope that is missing has no limit
	Words  finding.Words // what is limited: "opening orders"
}

// keeps are the actions whose first uses by an account each process counts by itself, and takes off the limit of what it counts in the store. So the one or
// two uses of an ordinary order cost no write. With several processes, an account has up to [keptUses] more for each further one. What sends messages, or could be used to
// guess, is always counted in the store.
var keeps = []Action{Enter, Form, Accept, Challenge, Capture, Change, Staff}

const keptUses = 5

// Drafts is how many orders of an account may be open without being submitted. An agency that opens 50 orders a day has as many while its customers
// collect their papers for two weeks.
const Drafts = 500

// day is a window that begins at 8:00 in Beijing, before offices open.
const day = 24 * time.Hour

// Defaults are the rules without settings. The code that verifies a contact may go to a stranger, so a recipient gets it once, and twice more if
// it is lost; an account gets those for 20 contacts that nobody verified before, because verified ones are remembered. A leader's code goes
// only to people whom a reviewer has seen, and may be sent again for each of several sites. An agency that opens 50 orders a day hears of each by SMS; an email costs next to nothing.
//
// The others suit an agency that opens 50 orders a day for its customers from one account, each corrected
// several times, and an office of 200 applicants behind one address. An ordinary applicant uses about a tenth of an account's limits when they
// correct each step ten times. What needs an open order is not counted for the address, too: openings are, and each count is a write.
var Defaults = map[Action]Rule{
	Open:          {day, map[Scope]int{Account: 100, Address: 600}, finding.Words{Chinese: "开立备案订单", English: "opening orders"}},
	CorrectType:   {day, map[Scope]int{Account: 200, Address: 1000}, finding.Words{Chinese: "更正主体和域名", English: "corrections of subject and domains"}},
	Plan:          {day, map[Scope]int{Account: 300, Address: 1800}, finding.Words{Chinese: "做备案计划", English: "plans"}},
	TryProduct:    {day, map[Scope]int{Account: 200}, finding.Words{Chinese: "选择服务器或备案服务号", English: "choices of a server or service code"}},
	Enter:         {day, map[Scope]int{Account: 600}, finding.Words{Chinese: "提交备案资料", English: "submissions of details"}},
	Form:          {day, map[Scope]int{Account: 1000}, finding.Words{Chinese: "申请上传材料", English: "requests to upload papers"}},
	Accept:        {day, map[Scope]int{Account: 1000}, finding.Words{Chinese: "提交材料", English: "submissions of papers"}},
	Challenge:     {day, map[Scope]int{Account: 300}, finding.Words{Chinese: "发起真人核验", English: "liveness checks"}},
	Capture:       {day, map[Scope]int{Account: 300}, finding.Words{Chinese: "提交真人核验视频", English: "recordings for liveness checks"}},
	AnswerSMS:     {day, map[Scope]int{Account: 600, Address: 3000}, finding.Words{Chinese: "填写验证码", English: "codes entered"}},
	ResendSMS:     {day, map[Scope]int{Account: 200, Address: 1000, Recipient: 10}, finding.Words{Chinese: "重发短信验证码", English: "SMS codes sent again"}},
	ContactCode:   {day, map[Scope]int{Account: 60, Address: 600, Recipient: 3}, finding.Words{Chinese: "发送验证码", English: "codes sent"}},
	ClaimFiling:   {day, map[Scope]int{Account: 10, Address: 100, Requester: 2, Recipient: 20}, finding.Words{Chinese: "认领备案", English: "claims of filings"}},
	ReviewReply:   {day, map[Scope]int{Recipient: 10}, finding.Words{Chinese: "年度审核短信的回复", English: "answers to SMS about annual reviews"}},
	Transfer:      {day, map[Scope]int{Account: 20, Address: 200}, finding.Words{Chinese: "填写转移码", English: "transfer codes entered"}},
	AskConsent:    {day, map[Scope]int{Account: 100, Address: 600, Requester: 5, Recipient: 20}, finding.Words{Chinese: "请求同意", English: "requests for a consent"}},
	RevokeConsent: {day, map[Scope]int{Address: 100, Requester: 3, Recipient: 30}, finding.Words{Chinese: "撤销同意", English: "revocations of consents"}},
	PhoneCode:     {day, map[Scope]int{Address: 2000}, finding.Words{Chinese: "在手机上继续", English: "codes to continue on a phone"}},
	KeepForm:      {day, map[Scope]int{Address: 1000}, finding.Words{Chinese: "重新登录", English: "forms sent without a session"}},
	CheckDomain:   {day, map[Scope]int{Account: 300, Address: 1000}, finding.Words{Chinese: "查询域名", English: "look-ups of domains"}},
	AskState:      {day, map[Scope]int{Account: 100, Address: 100, Requester: 3, Recipient: 10}, finding.Words{Chinese: "查询申请进度", English: "questions how far an application is"}},
	NoticeSMS:     {day, map[Scope]int{Recipient: 60}, finding.Words{Chinese: "接收短信", English: "SMS received"}},
	NoticeMail:    {day, map[Scope]int{Recipient: 240}, finding.Words{Chinese: "接收邮件", English: "emails received"}},
	Change:        {day, map[Scope]int{Account: 1000}, finding.Words{Chinese: "修改订单", English: "changes of orders"}},
	Staff:         {day, map[Scope]int{Account: 5000}, finding.Words{Chinese: "处理订单", English: "decisions on orders"}},
}
