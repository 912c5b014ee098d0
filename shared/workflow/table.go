package workflow

import (
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
)

// Time limits of steps.
const (
	idleLimit   = filing.MaxIdleDays * 24 * time.Hour
	codesLimit  = filing.SMSHours * time.Hour
	bureauLimit = 30 * 24 * time.Hour
)

// Operations that several steps share.
var (
	waitOnly        = []Operation{Wait}
	closeOperations = []Operation{Decide, Release}
)

// Steps are the rows of filing.Steps, in the same order.
var Steps = []Step{
	{
		Name:     "VerifyType",
		Comment:  "验证备案类型 (S10): asks the bureau and our records; waits if the type cannot be determined.",
		WaitsFor: Applicant, Timeout: idleLimit, Remind: true,
		NextActions: []NextAction{
			{When: isSplitOffered, Chinese: "这些域名要分成几个订单办理。请核对后确认一次，系统会依次开始每个订单。",
				English: "The domains need several orders. Check the split and confirm it once; the orders then open one after the other.", Path: "/split"},
			{When: hasBlockingFinding, Chinese: "申请暂时不能继续，请按提示处理后重新提交。",
				English: "The application cannot continue yet; do what the findings say, then submit it again.", Path: "/type"},
			{Party: Nobody, Chinese: "系统正在验证备案类型，请稍候。", English: "The system is determining the type of the filing."},
		},
		Variables: []VariableGroup{BureauVariables, DomainVariables}, Operations: []Operation{Decide, Find, LookUp, Wait},
	},
	{
		Name:     "VerifyProduct",
		Comment:  "产品验证 (S11): chooses the server of an accepted plan, or waits for a server or service code.",
		WaitsFor: Applicant, Timeout: idleLimit, Remind: true,
		NextActions: []NextAction{{Chinese: "请选择用于备案的服务器，或填写备案服务号。",
			English: "Choose the server to file on, or give a service code.", Path: "/product"}},
		Operations: []Operation{Decide, Reserve, Wait},
	},
	{
		Name:     "CollectDetails",
		Comment:  "填写主体信息和网站信息 (S12).",
		WaitsFor: Applicant, Timeout: idleLimit, Remind: true,
		NextActions: []NextAction{
			{When: edits, Chinese: "请修改要变更的内容，其余内容保持不变。", English: "Correct what changes, and leave the rest.", Path: "/details"},
			{When: hasFixedSubject, Chinese: "请填写{service}信息和{service}负责人信息。主体信息使用已备案的内容，不用填写。",
				English: "Enter the data of the {service}s and their leaders. The subject stays what is filed.", Path: "/details"},
			{Chinese: "请填写主体信息、{service}信息和负责人信息。",
				English: "Enter the data of the subject, the {service}s and their leaders.", Path: "/details"},
		},
		Operations: waitOnly,
	},
	{
		Name:     "CollectEvidence",
		Comment:  "上传资料 (S13).",
		WaitsFor: Applicant, Timeout: idleLimit, Remind: true,
		NextActions: []NextAction{{Chinese: "请上传清单中的材料。", English: "Upload the documents on the list.", Path: "/evidence"}},
		Operations:  waitOnly,
	},
	{
		Name:     "VerifyAuthenticity",
		Comment:  "真实性核验 (S14): liveness of each site's leader.",
		WaitsFor: Leaders, Timeout: idleLimit, Remind: true,
		NextActions: []NextAction{
			{When: awaitsTime, Party: Reviewer, Chinese: "当面核验的预约已收到，工作人员会定好时间和地点并通知您。",
				English: "We have your request for an appointment. Our staff set time and place, and you will be notified.", Path: "/claim"},
			{When: awaitsMeeting, Chinese: "请{service}负责人本人带身份证件原件，按预约的时间来当面核验。",
				English: "Each {service} leader comes to the appointment, with the original identity document.", Path: "/challenges"},
			{When: edits, Chinese: "请信息有变化的{service}负责人本人完成真实性核验。",
				English: "Each {service} leader whose data change completes the liveness check.", Path: "/challenges"},
			{Chinese: "请各{service}负责人本人完成真实性核验。",
				English: "Each {service} leader completes the liveness check.", Path: "/challenges"},
		},
		Operations: waitOnly,
	},
	{
		Name:     "AwaitConfirmation",
		Comment:  "信息核验 (S15): waits until the applicant has confirmed the summary.",
		WaitsFor: Applicant, Timeout: idleLimit, Remind: true,
		NextActions: []NextAction{
			{When: contactIsUnverified, Chinese: "请先用验证码确认接收通知的手机和邮箱，再核对全部信息并提交。",
				English: "Verify the mobile and the email address for messages by a code; then check all information, and confirm it.", Path: "/contact-codes"},
			{When: cancels, Chinese: "请核对{business}的内容和后果，确认后提交。",
				English: "Check what the cancellation ends and its consequences, and confirm them.", Path: "/summary"},
			{When: onlyStores, Chinese: "请核对要提交的材料，确认无误后提交。",
				English: "Check the documents, and confirm that they are correct.", Path: "/summary"},
			{Chinese: "请核对全部信息，确认无误后提交。",
				English: "Check all information, and confirm that it is correct.", Path: "/summary"},
		},
		Operations: waitOnly,
	},
	{
		Name:     "InitialReview",
		Comment:  "备案初审 (S16) by a reviewer.",
		WaitsFor: Reviewer, Timeout: idleLimit,
		NextActions: []NextAction{{Chinese: "等待接入服务商初审。", English: "The provider's reviewer checks the application.", Path: "/review"}},
		Variables:   []VariableGroup{BureauVariables, DomainVariables}, Operations: []Operation{Decide, LookUp, Wait, Unlock},
	},
	{
		Name:     "MailDocuments",
		Comment:  "邮寄资料 (S17): originals on their way, if the reviewer requires them.",
		WaitsFor: Applicant, Timeout: idleLimit, Remind: true,
		NextActions: []NextAction{
			{When: originalsAreMailed, Party: Reviewer, Chinese: "原件已寄出，等待接入服务商签收。",
				English: "The originals are on their way to the provider.", Path: "/papers/receipt"},
			{Chinese: "请寄出要求的原件，并填写快递单号。",
				English: "Mail the originals that the reviewer asked for, and enter the tracking number.", Path: "/papers"},
		},
		Operations: waitOnly,
	},
	{
		Name:     "VerifySMS",
		Comment:  "短信验证 (S18), by province and date: sends each leader a code that is valid for 24 hours, at the hour that the applicant chose.",
		WaitsFor: Leaders, Timeout: codesLimit,
		NextActions: []NextAction{
			{When: hasPlannedCodes, Party: Nobody, Chinese: "短信验证码会在{codesAt}（北京时间）发给各位负责人，请他们留意手机。在这之前可以改时间。",
				English: "The SMS codes will be sent to the leaders at {codesAt}, Beijing time. You can choose another hour until then."},
			{When: hasNoCodes, Party: Nobody, Chinese: "正在发送短信验证码。", English: "The SMS codes are being sent."},
			{When: asksSubjectLeaderOnly, Chinese: "请主体负责人在24小时内完成短信核验。",
				English: "The subject leader answers the SMS verification within 24 hours.", Path: "/sms-answers"},
			{When: asksSiteLeadersOnly, Chinese: "请{service}负责人在24小时内完成短信核验。",
				English: "Each {service} leader who got a code answers the SMS verification within 24 hours.", Path: "/sms-answers"},
			{Chinese: "请主体负责人和{service}负责人在24小时内完成短信核验。",
				English: "The subject leader and each {service} leader who got a code answer the SMS verification within 24 hours.", Path: "/sms-answers"},
		},
		Operations: []Operation{Decide, Wait, Hash},
	},
	{
		Name:        "Transmit",
		Comment:     "Puts the application into the queue of uploads to the bureau (S19).",
		NextActions: []NextAction{{Chinese: "正在提交管局。", English: "The application is being submitted to the bureau."}},
		Variables:   []VariableGroup{BureauVariables, DomainVariables}, Operations: []Operation{Decide, Check, Find, LookUp, Number, Unlock},
	},
	{
		Name:     "AwaitBureau",
		Comment:  "管局审核 (S19): the answer comes over the ministry's interface. If the bureau is late, that is recorded, and the step waits again.",
		WaitsFor: Bureau, Timeout: bureauLimit,
		NextActions: []NextAction{
			{When: filing.Order.AwaitsEntry, Party: Operator, Chinese: "等待接入服务商录入管局系统。", English: "The provider enters the application at the bureau.", Path: "/sheet"},
			{When: onlyStores, Chinese: "材料已提交管局，正在等待回执，不用操作。", English: "The documents are with the bureau; we wait for its receipt."},
			{Chinese: "管局审核中，请保持电话畅通。", English: "The bureau is deciding; please answer its calls."},
		},
		Operations: waitOnly,
	},
	{
		Name:    "Announce",
		Comment: "The result by SMS and email (S20).",
		NextActions: []NextAction{
			{When: onlyStores, Chinese: "管局已有回执，正在通知您。", English: "The bureau has answered; the result is being sent to you."},
			{Chinese: "管局已作出决定，正在通知您。", English: "The bureau has decided; the result is being sent to you."},
		},
		Operations: []Operation{Advance},
	},
	{
		Name:    "FollowUp",
		Comment: "Records the duties after approval (S21 to S24), and opens the next order of an accepted plan. After a refusal it does nothing.",
		NextActions: []NextAction{
			{When: leavesNoDuties, Chinese: "正在办结订单，不用操作。", English: "The order is being completed; you need not do anything."},
			{When: cancels, Chinese: "正在整理办结后的待办事项。", English: "The duties after the cancellation are being recorded."},
			{Chinese: "正在整理备案通过后的待办事项。", English: "The duties after approval are being recorded."},
		},
		Operations: []Operation{Decide, Advance, Open, Count},
	},
	{
		Name:   "Done", // not a state: the execution has ended. A refused order waits for its resubmission, an appealed one for the decision
		Remind: true,
		NextActions: []NextAction{
			{When: hasRefusedCancellation, Party: Applicant, Chinese: "管局没有同意{business}，备案保持不变。请看原因和办法；原因消除后可以重新提交，不想继续的可以放弃订单。",
				English: "The bureau refused the cancellation, and the filing stays. See the reasons and what to do; submit it again when they are gone, or abandon the order.", Path: "/resubmission"},
			{When: hasRefusedDocuments, Party: Applicant, Chinese: "管局没有接收材料，请按提示更换后重新提交。",
				English: "The bureau did not take the documents; replace those that the findings name and submit them again.", Path: "/resubmission"},
			{When: isRefused, Party: Applicant, Chinese: "本次{business}未通过，请按提示修改后重新提交。",
				English: "The application was refused; correct what the findings name and submit it again.", Path: "/resubmission"},
			{When: hasLeft, Party: Applicant, Chinese: "接入已取消，请按待办事项停止解析到我们的服务器。",
				English: "The access is cancelled; stop pointing the domain to our servers, as the duties say."},
			{When: hasCancelled, Party: Applicant, Chinese: "已注销，请按待办事项关闭{service}。",
				English: "The filing is cancelled; close the {service}, as the duties say."},
			{When: hasEnded, Party: Nobody, Chinese: "这条备案已经注销，没有待办事项。", English: "The filing has been cancelled. There is nothing left to do."},
			{When: isStored, Party: Nobody, Chinese: "管局已收到新材料，没有待办事项。", English: "The bureau has the new documents. There is nothing left to do."},
			{When: hasChanged, Party: Nobody, Chinese: "变更已通过，备案号不变，没有待办事项。", English: "The change is approved, and the numbers stay. There is nothing left to do."},
			{When: isOpenSite, Party: Applicant, Chinese: "新增接入已通过，请按待办事项检查网站的备案号。",
				English: "The access is approved; check that the site shows its number, as the duties say."},
			{When: isApproved, Party: Applicant, Chinese: "备案已通过，请按待办事项显示备案号并完成公安备案。",
				English: "The filing is approved; show the number of the {service}, and complete the other duties."},
			{When: isAppealed, Party: Reviewer, Chinese: "申诉已收到，由另一位审核人员处理；结果会通知您。",
				English: "We have your appeal. Another reviewer decides it, and you will be notified.", Path: "/appeal/decision"},
			{When: canBeContested, Party: Nobody, Chinese: "初审未通过，订单已关闭。如果不同意，可以在期限内申诉一次。",
				English: "The application was rejected, and the order is closed. If you disagree, you can contest it once, in time."},
			{Chinese: "订单已结束。", English: "The order is closed."},
		},
	},
}

// Closings are the states that close an order. Expire also decides how to continue when a step has timed out.
var Closings = []Step{
	{Name: "Withdraw", Comment: "撤销: the applicant withdrew the application.", Operations: closeOperations},
	{Name: "Abandon", Comment: "放弃: the applicant abandoned the application.", Operations: closeOperations},
	{Name: "Reject", Comment: "初审驳回: the reviewer rejected the application.", Operations: closeOperations},
	{Name: "Expire", Comment: "A step timed out, or the order was idle too long: decides what that means and where to continue.",
		Operations: []Operation{Decide, Release, Return}},
}

// erasedAction applies to an order whose personal data are erased.
var erasedAction = NextAction{Party: Nobody, Chinese: "个人信息已按规定删除。", English: "The personal data are erased."}

// closingAction applies to an order that is being closed, at any step.
var closingAction = NextAction{Party: Nobody, Chinese: "订单正在关闭。", English: "The order is being closed."}

// Conditions of next actions.

func contactIsUnverified(o filing.Order) bool {
	return o.ContactFindings().Has(filing.CodeContactUnverified)
}

func hasBlockingFinding(o filing.Order) bool { return o.Private.Findings.Blocking() }
func isSplitOffered(o filing.Order) bool     { return len(o.Split) > 0 }
func originalsAreMailed(o filing.Order) bool {
	return o.Originals != nil && !o.Originals.SentAt.IsZero()
}
func hasNoCodes(o filing.Order) bool      { return o.SMS == nil }
func hasPlannedCodes(o filing.Order) bool { return hasNoCodes(o) && !o.SMSSendAt.IsZero() }
func awaitsTime(o filing.Order) bool      { return o.Meeting == filing.MeetingUnset }
func awaitsMeeting(o filing.Order) bool   { return o.Meeting == filing.MeetingSet }
func isRefused(o filing.Order) bool       { return o.Status == filing.BureauRejected }
func isAppealed(o filing.Order) bool      { return o.Status == filing.Appealed }

// canBeContested ignores the time: the order's page says until when.
func canBeContested(o filing.Order) bool { return o.AppealUntil() != "" }
func hasLeft(o filing.Order) bool        { return isApproved(o) && o.Kind().Cancels == register.AccessPart }
func hasCancelled(o filing.Order) bool   { return isApproved(o) && cancels(o) }
func hasEnded(o filing.Order) bool       { return isApproved(o) && o.FilingEnded != "" }
func isStored(o filing.Order) bool       { return isApproved(o) && onlyStores(o) }
func hasChanged(o filing.Order) bool     { return isApproved(o) && edits(o) }
func isApproved(o filing.Order) bool     { return o.Status == filing.Approved }

// Conditions by kind; the table of package filing has the kinds.

func cancels(o filing.Order) bool         { return o.Kind().Cancels != "" }
func edits(o filing.Order) bool           { return o.Kind().Edits() }
func onlyStores(o filing.Order) bool      { return o.Kind().Stored }
func hasFixedSubject(o filing.Order) bool { return o.Kind().Subject == filing.Fixed }
func leavesNoDuties(o filing.Order) bool  { return edits(o) || onlyStores(o) }
func isOpenSite(o filing.Order) bool      { return isApproved(o) && o.Website() == filing.Reachable }

func hasRefusedCancellation(o filing.Order) bool { return isRefused(o) && cancels(o) }
func hasRefusedDocuments(o filing.Order) bool    { return isRefused(o) && onlyStores(o) }

func asksSubjectLeaderOnly(o filing.Order) bool {
	subject, sites := o.AsksForCodes()
	return subject && !sites
}

func asksSiteLeadersOnly(o filing.Order) bool {
	subject, sites := o.AsksForCodes()
	return sites && !subject
}
