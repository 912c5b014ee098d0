package notifytest

import (
	"strings"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/agency"
	"beian/shared/process/notify"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/number"
)

// RegisterNotices are the messages about claims and transfers, each as every recipient gets it.
var RegisterNotices = map[register.NoticeKind][]register.Recipient{
	register.NoticeClaimCode: {register.ToLeader}, register.NoticeClaimed: {register.ToLeader}, register.NoticeTransferTaken: {register.ToOwner},
	register.NoticeTransferDone: {register.ToOwner, register.ToTaker, register.ToLeader}, register.NoticeTransferRevoked: {register.ToOwner, register.ToTaker},
	register.NoticeConsentCode: {register.ToLeader}, register.NoticeConsentGiven: {register.ToLeader}, register.NoticeConsentRevoked: {register.ToLeader, register.ToAgency},
	register.NoticeRevocationCode: {register.ToLeader}, register.NoticeAgencyFiled: {register.ToLeader},
	register.NoticeStateCode:       {register.ToContact},
	register.NoticeReviewAnswer:    {register.ToSender},
	register.NoticeLeaderChanged:   {register.ToFormerLeader, register.ToOwner},
	register.NoticeBureauCancelled: {register.ToLeader, register.ToOwner},
	register.NoticeDuties:          {register.ToOwner, register.ToLeader, register.ToSiteLeader},
}

// Filing returns a filing.
func Filing() register.Filing {
	subject, err := number.ParseSubject("浙ICP备2026012345号")
	if err != nil {
		panic(err)
	}
	f := register.Filing{ID: "01KJZ2Y0M0QK8W3V5T7R9P1N2B", Number: subject}
	f.Private.Subject.Name = Name
	f.Private.Subject.Leader = register.Leader{Name: Name, Mobile: "13800000001", Email: "leader@example.cn"}
	return f
}

// Review returns what became of an SMS about an annual review.
func Review(outcome register.ReviewOutcome) notify.Review {
	return notify.Review{Outcome: outcome, Site: "鄂ICP备2026012345号-1", Status: annualreview.Unchanged, Numbers: annualreview.Reviews()[0].Numbers}
}

// duties are what the reminders to a recipient are about.
var duties = map[register.Recipient][]upkeep.Duty{
	register.ToOwner: {
		{Key: upkeep.PublicSecurity, Site: "浙ICP备2026012345号-1", Deadline: "2026-04-04"},
		{Key: upkeep.DomainExpires, Site: "浙ICP备2026012345号-1", Part: "example.cn", Deadline: "2026-06-03"},
	},
	register.ToLeader:     {{Key: upkeep.LeaderCertificate, Deadline: "2026-03-12"}},
	register.ToSiteLeader: {{Key: upkeep.AnnualReview, Site: "浙ICP备2026012345号-1", Deadline: "2026-04-15"}},
}

// LongName is an agency with the longest names that the setting permits.
var LongName = agency.Agency{ChineseName: "示例省示例市示例区示例企业服务有限公司甲", EnglishName: "Example Corporate Services of Example Co"}

// Consent returns a consent for a filing with every scope.
func Consent(f register.Filing) register.Consent {
	return register.Consent{ID: "01KJZ2Y0M0QK8W3V5T7R9P1N2C", Number: f.Number, Scopes: register.Scopes, Until: "2027-03-01"}
}

// RegisterMessage returns the message of a kind to a recipient, with the longest name of an agency.
func RegisterMessage(kind register.NoticeKind, to register.Recipient, language string) notify.RegisterMessage {
	f := Filing()
	m := notify.RegisterMessage{Notice: register.Notice{Kind: kind, To: to}, Filing: f, Code: "482913", Language: language}
	if strings.HasPrefix(string(kind), "consent-") {
		m.Consent, m.Agency = Consent(f), LongName
	}
	switch kind {
	case register.NoticeAgencyFiled:
		m.Agency = LongName
	case register.NoticeReviewAnswer:
		m.Review = Review(register.ReviewRecorded)
	case register.NoticeDuties:
		m.Duties = duties[to]
		if to == register.ToOwner {
			m.MuteToken = "01KJZ2Y0M0QK8W3V5T7R9P1N2B.2026-09-01.domain-expires.public-security.0123456789abcdef0123456789abcdef"
		}
	}
	return m
}
