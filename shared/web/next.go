package web

import (
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// Next says whose turn it is, and what is to be done.
type Next struct {
	Who  string        `json:"who" enum:"applicant,reviewer,bureau,nobody" doc:"nobody: the system is at work, or all is done"`
	What finding.Words `json:"what"`
	Href string        `json:"href,omitempty" doc:"where it is done"`
}

type hint struct {
	who, chinese, english string
	path                  string // below the order
}

// Whose turn it is.
const (
	theApplicants = "applicant"
	theReviewers  = "reviewer"
	theBureaus    = "bureau"
	nobodys       = "nobody"
)

// hints are what is to be done at each step.
var hints = map[filing.Step]hint{
	filing.VerifyType: {nobodys, "系统正在验证备案类型，请稍候。", "The system is determining the type of the filing.", ""},
	filing.VerifyProduct: {theApplicants, "请选择用于备案的服务器，或填写备案服务号。",
		"Choose the server to file on, or give a service code.", "/product"},
	filing.CollectDetails: {theApplicants, "请填写主体信息、网站信息和负责人信息。",
		"Enter the data of the subject, the sites and their leaders.", "/details"},
	filing.CollectEvidence: {theApplicants, "请上传清单中的材料。", "Upload the papers on the list.", "/evidence"},
	filing.VerifyAuthenticity: {theApplicants, "请各网站负责人本人完成真实性核验。",
		"Each site leader shows in person that they are there.", "/challenges"},
	filing.AwaitConfirmation: {theApplicants, "请核对全部信息，确认无误后提交。",
		"Look through everything, and confirm that it is right.", "/summary"},
	filing.InitialReview: {theReviewers, "等待接入服务商初审。",
		"The provider's reviewer looks at the application.", "/review"},
	filing.MailDocuments: {theApplicants, "请寄出要求的原件，并填写快递单号。",
		"Mail the originals that were asked for, and give the tracking number.", "/papers"},
	filing.VerifySMS: {theApplicants, "请各负责人在24小时内完成短信核验。",
		"Each leader answers the SMS verification within 24 hours.", "/sms-answers"},
	filing.Transmit:    {nobodys, "正在提交管局。", "The application is on its way to the bureau.", ""},
	filing.AwaitBureau: {theBureaus, "管局审核中，请保持电话畅通。", "The bureau is deciding; please answer its calls.", ""},
	filing.Announce:    {nobodys, "管局已作出决定，正在通知您。", "The bureau has decided; you are being told.", ""},
	filing.FollowUp:    {nobodys, "正在整理备案通过后的待办事项。", "The duties after approval are being set down.", ""},
	filing.Done:        {nobodys, "订单已结束。", "The order is closed.", ""},
}

// Hints for what the step alone does not tell.
var (
	typeBlocked = hint{theApplicants, "备案类型无法确定，请按提示更正主体、证件或域名。",
		"The type cannot be determined; correct the subject, the certificate or the domains.", "/type"}
	mailed = hint{theReviewers, "原件已寄出，等待接入服务商签收。",
		"The originals are on their way to the provider.", "/papers/receipt"}
	codesDue    = hint{nobodys, "正在发送短信验证码。", "The SMS codes are being sent.", ""}
	refusedHint = hint{theApplicants, "本次备案未通过，请按提示修改后重新提交。",
		"The filing was refused; mend what the findings name and submit it again.", "/resubmission"}
	approved = hint{theApplicants, "备案已通过，请按待办事项悬挂备案号并完成公安备案。",
		"The filing is approved; show the number on the site, and see to the other duties.", ""}
	erased  = hint{nobodys, "个人信息已按规定删除。", "The personal data are erased.", ""}
	closing = hint{nobodys, "订单正在关闭。", "The order is being closed.", ""}
)

func nextOf(o filing.Order) Next {
	h := hints[o.Step]
	switch {
	case o.Erasure != nil:
		h = erased
	case o.Closing != "" && !o.Status.Final():
		h = closing
	case o.Step == filing.VerifyType && o.Findings.Blocking():
		h = typeBlocked
	case o.Step == filing.MailDocuments && o.Originals != nil && !o.Originals.SentAt.IsZero():
		h = mailed
	case o.Step == filing.VerifySMS && o.SMS == nil:
		h = codesDue
	case o.Step == filing.Done && o.Status == filing.BureauRejected:
		h = refusedHint
	case o.Step == filing.Done && o.Status == filing.Approved:
		h = approved
	}
	n := Next{Who: h.who, What: finding.Words{Chinese: h.chinese, English: h.english}}
	if h.path != "" {
		n.Href = Prefix + "/orders/" + string(o.ID) + h.path
	}
	return n
}
