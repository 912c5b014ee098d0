package notify

import (
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// applicantTask says what the applicant has to do at the order's step, after "please" in English. It returns false if it is the turn of others.
func applicantTask(o filing.Order) (finding.Words, bool) {
	k, service := o.Kind(), o.ServiceWords()
	switch o.Step {
	case filing.VerifyType:
		return finding.Words{Chinese: "核对并修改主体证件和域名", English: "check the subject's certificate and the domains"}, true
	case filing.VerifyProduct:
		return finding.Words{Chinese: "选择" + service.Chinese + "所在的服务器", English: "choose the server that hosts the " + service.English}, true
	case filing.CollectDetails:
		switch {
		case k.Edits():
			return finding.Words{Chinese: "修改要变更的内容", English: "correct what changes"}, true
		case k.Subject == filing.Fixed:
			return finding.Words{Chinese: "填写" + service.Chinese + "信息", English: "fill in the " + service.English + "s"}, true
		}
		return finding.Words{Chinese: "填写主体和" + service.Chinese + "信息", English: "fill in the subject and the " + service.English + "s"}, true
	case filing.CollectEvidence:
		return finding.Words{Chinese: "上传材料", English: "upload the documents"}, true
	case filing.VerifyAuthenticity:
		switch o.Meeting {
		case filing.MeetingUnset:
			return finding.Words{}, false // a reviewer sets the time
		case filing.MeetingSet:
			return finding.Words{Chinese: "请" + service.Chinese + "负责人按预约的时间当面核验", English: "ask the " + service.English + " leader to come to the appointment"}, true
		}
		return finding.Words{Chinese: "请" + service.Chinese + "负责人完成真实性核验", English: "ask the " + service.English + " leader to complete the liveness check"}, true
	case filing.AwaitConfirmation:
		switch {
		case k.Cancels != "":
			return finding.Words{Chinese: "核对内容和后果并确认", English: "check what ends and the consequences, and confirm them"}, true
		case k.Stored:
			return finding.Words{Chinese: "核对材料并提交", English: "check the documents and submit"}, true
		}
		return finding.Words{Chinese: "核对全部信息并提交", English: "check all information and submit"}, true
	case filing.MailDocuments:
		return finding.Words{Chinese: "寄出纸质材料", English: "post the original documents"}, true
	case filing.Done:
		switch {
		case k.Cancels != "":
			return finding.Words{Chinese: "查看管局意见，再次提交或放弃订单", English: "read the bureau's reasons, and submit again or abandon the order"}, true
		case k.Stored:
			return finding.Words{Chinese: "更换材料后重新提交", English: "replace the documents and resubmit"}, true
		}
		return finding.Words{Chinese: "按提示修改后重新提交", English: "make the requested changes and resubmit"}, true
	}
	return finding.Words{}, false
}
