// Package notifytest has an order, and a filing, for each kind of message: call [Order] and [RegisterMessage]. Tests and the benchmark render their messages.
package notifytest

import (
	"time"

	"beian/shared/filing"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// Noon of 5 March 2026 in Shanghai.
var Noon = time.Date(2026, 3, 5, 12, 0, 0, 0, workday.Shanghai)

// Name is the name of each person and subject, which no message may have.
const Name = "张测试"

// Order returns the order of a company in Zhejiang with two sites, in the state in which a notice of a kind is sent.
func Order(kind filing.NoticeKind, language string) filing.Order {
	o := filing.Order{
		ID: "01KJZ2Y0M0QK8W3V5T7R9P1N2B", Account: "account", Round: 1, Province: "33", Language: language,
		Entity: certificate.Enterprise, Domains: []filing.Domain{"example.cn", "xn--fsqu00a.cn"},
		CreatedAt: Noon, MovedAt: Noon, ActiveAt: Noon,
		Private: filing.Private{
			Contact:  filing.Contact{Mobile: "13800000000", Email: "applicant@example.cn"},
			Verified: filing.Contact{Mobile: "13800000000", Email: "applicant@example.cn"},
			Subject:  filing.Subject{Name: Name, Leader: filing.Leader{Name: Name, Mobile: "13800000001"}},
			Sites: []filing.Site{
				{Name: "示例", Domains: []filing.Domain{"example.cn"}},
				{Name: "例子", Domains: []filing.Domain{"xn--fsqu00a.cn"}},
			},
		},
	}
	switch kind {
	case filing.NoticeTypeBlocked, filing.NoticeTypeChanged, filing.NoticeSubmitted, filing.NoticeAppealOverturned, filing.NoticeIdle, filing.NoticeContactCode, filing.NoticeAbandoned, filing.NoticeAppointmentSet, filing.NoticeAppointmentResult:
	case filing.NoticeReturned, filing.NoticeInitialReject, filing.NoticeAppealReceived, filing.NoticeAppealUpheld:
		o.Review = &filing.Review{Verdict: filing.VerdictReturn, At: Noon}
	default:
		o.Confirmation, o.Review = &filing.Confirmation{At: Noon}, &filing.Review{Verdict: filing.VerdictPass, At: Noon}
	}
	switch kind {
	case filing.NoticeTypeBlocked:
		o.Step, o.Status = filing.VerifyType, filing.Draft
		o.Private.Findings = finding.List{finding.New(filing.CodeNothingToFile, "/domains/0")}
	case filing.NoticeTypeChanged:
		o.Step, o.Status, o.Type = filing.AwaitConfirmation, filing.Returned, filing.AddSiteForeign
	case filing.NoticeSubmitted:
		o.Step, o.Status = filing.InitialReview, filing.Submitted
	case filing.NoticeReturned:
		o.Step, o.Status = filing.CollectDetails, filing.Returned
		o.Private.Findings = finding.List{
			finding.New(filing.CodeSameMobile, "/sites/0/leader/mobile"),
			finding.New(filing.CodeAddressMissing, "/subject/address"),
		}
	case filing.NoticePassed:
		sendCodes(&o)
	case filing.NoticeAppointmentSet, filing.NoticeAppointmentResult:
		o.Step, o.Status = filing.VerifyAuthenticity, filing.EvidenceReady
		o.Appointments = []filing.Appointment{{Site: 0, RequestedAt: Noon, At: Noon.AddDate(0, 0, 2)}}
		o.Private.Appointments = []filing.AppointmentTexts{{Site: 0, Reason: filing.ReasonNoCamera, Place: "示例大厦\n三层 301 室", Note: "证件原件\n没有带"}}
		if kind == filing.NoticeAppointmentResult {
			o.Appointments[0].Outcome = filing.AppointmentFailed
		}
	case filing.NoticeCalled:
		o.Step, o.Status, o.Review = filing.InitialReview, filing.Submitted, nil
		o.Private.Calls = []filing.Call{{At: Noon, Person: filing.CallContact, Outcome: filing.CallNoAnswerTwice, NotifiedOn: "2026-03-05"}}
	case filing.NoticePapersAsked:
		o.Step, o.Status = filing.MailDocuments, filing.MailPending
		o.Originals = &filing.MailedOriginals{}
		o.Originals.Documents = append(o.Originals.Documents, "commitment-letter", "sites/0/verification-form")
	case filing.NoticePapersReceived, filing.NoticeSMSCode, filing.NoticeSMSReminder:
		sendCodes(&o)
	case filing.NoticeSMSLapsed:
		o.Step, o.Status = filing.InitialReview, filing.Submitted
		o.Private.Findings = finding.List{finding.New(filing.CodeSMSExpired, "")}
	case filing.NoticeTransmitted:
		o.Step, o.Status = filing.AwaitBureau, filing.BureauReview
		o.Bureau = &filing.BureauState{Record: "r", AcceptedAt: Noon, Deadline: Noon.AddDate(0, 0, 42)}
	case filing.NoticeApproved:
		Approve(&o, "浙ICP备2026012345号")
	case filing.NoticeRefused:
		o.Step, o.Status = filing.Done, filing.BureauRejected
		o.Bureau = &filing.BureauState{Record: "r", DecidedAt: Noon}
		o.Private.Opinion = "网站负责人电话\n\n无人接听"
		o.Private.Findings = finding.List{finding.New(filing.CodeDomainOfOther, "/domains/0")}
	case filing.NoticeInitialReject:
		o.Step, o.Status = filing.Done, filing.InitialRejected
		o.Private.Findings = finding.List{finding.New(province.LeadersMustBeSame, "", "province", "浙江省", "province-en", "Zhejiang")}
	case filing.NoticeAppealReceived, filing.NoticeAppealUpheld, filing.NoticeAppealOverturned:
		o.Step, o.Status, o.Appeal = filing.Done, filing.Appealed, &filing.Appeal{At: Noon, DecideBy: workday.DateOf(Noon).AddDays(7)}
		o.Private.Findings = finding.List{finding.New(province.LeadersMustBeSame, "", "province", "浙江省", "province-en", "Zhejiang")}
		o.Private.Appeal.Answer = "新上传的授权书\n\n有效"
		switch kind {
		case filing.NoticeAppealUpheld:
			o.Status = filing.InitialRejected
		case filing.NoticeAppealOverturned:
			o.Step, o.Status, o.Private.Findings = filing.AwaitConfirmation, filing.Returned, nil
		}
	case filing.NoticeIdle:
		o.Step, o.Status, o.LastReminder = filing.VerifyAuthenticity, filing.EvidenceReady, 15
	case filing.NoticeContactCode:
		o.Step, o.Status = filing.VerifyProduct, filing.TypeVerified
		o.Private.Verified = filing.Contact{}
		o.Private.ContactCodes = []filing.ContactCode{
			{To: o.Private.Contact.Only(filing.ChannelMobile), Code: "482913", Seq: 3}, {To: o.Private.Contact.Only(filing.ChannelEmail), Code: "004711", Seq: 4},
		}
	case filing.NoticeRulesChanged:
		o.Step, o.Status, o.Review = filing.AwaitConfirmation, filing.AuthenticityVerified, nil
		o.DetailsComplete = true
	case filing.NoticeSiteOpen:
		o.Step, o.Status, o.OpenSites = filing.AwaitBureau, filing.BureauReview, map[filing.Domain]time.Time{"example.cn": Noon}
	case filing.NoticeContactChanged:
		o.Step, o.Status = filing.AwaitBureau, filing.BureauReview
		o.Private.Former = []filing.FormerContact{{Contact: filing.Contact{Mobile: "13800000009", Email: "former@example.cn"}, At: Noon}}
	default:
		o.Step, o.Status = filing.Done, filing.Withdrawn
	}
	return o
}

func sendCodes(o *filing.Order) {
	o.Step, o.Status = filing.VerifySMS, filing.SMSPending
	o.SMS = &filing.SMSCheck{SentAt: Noon, ExpiresAt: Noon.Add(24 * time.Hour), Codes: make([]filing.SMSCode, 2)}
	o.Private.Codes = []filing.SentCode{
		{Mobile: "13800000001", CertificateTail: "00001X", Code: "482913"}, {Mobile: "13800000002", CertificateTail: "000028", Code: "004711"},
	}
}

// Approve approves the order with the number of a subject. It panics if that is none.
func Approve(o *filing.Order, text string) {
	o.Step, o.Status = filing.FollowUp, filing.Approved
	subject, err := number.ParseSubject(text)
	if err != nil {
		panic(err)
	}
	o.Bureau = &filing.BureauState{
		Record: "r", DecidedAt: Noon, Approved: true, SubjectNumber: subject,
		Sites: []filing.FiledSite{{Site: 0, Number: subject.Filing(1)}, {Site: 1, Number: subject.Filing(2)}},
	}
}

// Notice returns the notice of a kind for the order of [Order].
func Notice(kind filing.NoticeKind) filing.Notice {
	if kind == filing.NoticeContactCode {
		return filing.Notice{Kind: kind, Channel: filing.ChannelEmail, Code: 4}
	}
	if kind == filing.NoticeRulesChanged {
		return filing.Notice{Kind: kind, RulesFrom: "2018-09-01", RulesTo: "2026-04-01"}
	}
	return filing.Notice{Kind: kind}
}
