package journeys_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/notify"
)

// kinds recognise a notice by its SMS, and by the subject of its email; "" if it has none.
var kinds = []struct {
	kind filing.NoticeKind
	sms  *regexp.Regexp
	mail string
}{
	{filing.NoticeSMSCode, regexp.MustCompile(`】(\S*备案验证码\d{6}，勿转告：|验证码\d{6}，(用于核验|同意) )`), ``},
	{filing.NoticeSMSReminder, regexp.MustCompile(`】提醒：.*等您完成短信核验`), `的短信核验还没有完成`},
	{filing.NoticeSubmitted, regexp.MustCompile(`的(备案|变更备案|核验材料更新|(网站|主体|APP|小程序|快应用)注销|接入取消)申请已提交，`), `申请已提交$`},
	{filing.NoticeReturned, regexp.MustCompile(`的(备案|变更备案|核验材料更新|(网站|主体|APP|小程序|快应用)注销|接入取消)(需要修改，共 \d+ 处|被退回)`), `(被退回，请您处理|需要您修改 \d+ 处)$`},
	{filing.NoticePassed, regexp.MustCompile(`的(备案|变更备案|核验材料更新|(网站|主体|APP|小程序|快应用)注销|接入取消)已通过初审。`), `已通过初审$`},
	{filing.NoticeAppointmentSet, regexp.MustCompile(`的负责人请于.+带身份证件原件来当面核验`), `的当面核验约在`},
	{filing.NoticeAppointmentResult, regexp.MustCompile(`的负责人(当面核验(已|没有)通过|没有按预约前来)`), `的当面核验(已通过|没有完成)$`},
	{filing.NoticeCalled, regexp.MustCompile(`】审核.*时，(我们两次致电|按填写的号码联系不上)`), `时，(按填写的号码联系不上|我们没有打通)`},
	{filing.NoticePapersAsked, regexp.MustCompile(`的备案需要邮寄 \d+ 份纸质材料`), `需要您邮寄纸质材料$`},
	{filing.NoticePapersReceived, regexp.MustCompile(`】我们已收到.*的纸质材料，核对无误`), `的纸质材料已收到$`},
	{filing.NoticeSMSLapsed, regexp.MustCompile(`备案的短信验证未`), `的短信验证未通过$`},
	{filing.NoticeTransmitted, regexp.MustCompile(`的(备案|变更备案|核验材料更新|(网站|主体|APP|小程序|快应用)注销|接入取消)已提交管局`), `已提交管局(审核)?$`},
	{filing.NoticeApproved, regexp.MustCompile(`备案已通过：|的(变更备案|核验材料更新|网站注销|主体注销|接入取消|APP注销|小程序注销|快应用注销)已(完成|通过)`), `(已完成|已通过)：`},
	{filing.NoticeRefused, regexp.MustCompile(`的(备案|变更备案|核验材料更新|(网站|主体|APP|小程序|快应用)注销|接入取消)(未获管局通过|未获管局同意|还不能报送管局)`), `(还不能报送管局|未获管局通过)`},
	{filing.NoticeInitialReject, regexp.MustCompile(`的备案被初审驳回`), `初审未通过，`},
	{filing.NoticeAppealReceived, regexp.MustCompile(`】已收到您对.*备案初审结果的申诉`), `^已收到您对.*的申诉$`},
	{filing.NoticePlanContinued, regexp.MustCompile(`】您的备案计划有了下一个订单`), `^备案计划的下一个订单`},
	{filing.NoticePlanStopped, regexp.MustCompile(`】您的备案计划已停止`), `^备案计划已停止`},
	{filing.NoticeAppealUpheld, regexp.MustCompile(`的备案申诉已有结果：维持初审驳回`), `申诉结果：维持初审驳回$`},
	{filing.NoticeAppealOverturned, regexp.MustCompile(`的备案申诉成功，申请已恢复`), `申诉成功，申请已恢复$`},
	{filing.NoticeWithdrawn, regexp.MustCompile(`】您已撤销`), `申请已撤销$`},
	{filing.NoticeAbandoned, regexp.MustCompile(`】您已放弃`), `申请已放弃$`},
	{filing.NoticeExpired, regexp.MustCompile(`的备案申请因 45 天未处理已失效`), `申请已失效$`},
	{filing.NoticeIdle, regexp.MustCompile(`的备案已等您 \d+ 天`), `等您继续，`},
	{filing.NoticeTypeChanged, regexp.MustCompile(`的备案改按“.+”办理，请核对后再确认一次`), `的备案类型有变化`},
	{filing.NoticeTypeBlocked, regexp.MustCompile(`暂时不能备案|的域名要分成 \d+ 个订单`), `暂时不能备案|的域名要分成`},
	{filing.NoticeContactChanged, regexp.MustCompile(`的备案通知将改发到新的手机或邮箱`), `联系方式已修改$`},
	{filing.NoticeSiteOpen, regexp.MustCompile(`还没有通过，网站已经能打开`), `的网站请先关闭$`},
	{filing.NoticeRulesChanged, regexp.MustCompile(`】备案规则有变化，涉及`), `^备案规则有变化`},
}

// unknownKind begins the kind of a message whose text matches no kind.
const unknownKind = "? "

func kindOf(m outbox.Message) filing.NoticeKind {
	for _, k := range kinds {
		if m.Kind == outbox.SMS && k.sms.MatchString(m.Text) || m.Kind == outbox.Email && k.mail != "" && regexp.MustCompile(k.mail).MatchString(m.Subject) {
			return k.kind
		}
	}
	return filing.NoticeKind(unknownKind + m.Subject + m.Text)
}

// wantsSMS says whether a notice also goes by SMS: "yes", "no", or "" if that depends on the order.
func wantsSMS(kind filing.NoticeKind) string {
	switch kind {
	case filing.NoticeIdle, filing.NoticePassed, filing.NoticePapersReceived:
		return ""
	}
	if notify.EmailFirst(filing.Order{}, filing.Notice{Kind: kind}) {
		return "no"
	}
	return "yes"
}

// keyName is the message attribute with the idempotency key.
const keyName = "beian-key"

// contactCode recognises the code that verifies a contact.
var contactCode = regexp.MustCompile(`验证码(是)? \d{6}，用于确认这个(手机号码|邮箱)`)

// noticesTo returns the messages to a recipient without the codes that verify them.
func (j *journey) noticesTo(to string) []outbox.Message {
	var all []outbox.Message
	for _, m := range client.Sent(to) {
		if strings.HasPrefix(m.Attributes[keyName], "notice") && !contactCode.MatchString(m.Text) {
			all = append(all, m)
		}
	}
	return all
}

// wantNotices waits until the contact has received exactly these notices in this order by email, and the more urgent of them by SMS too. It ignores codes,
// which are sent to leaders, and returns the emails.
func (j *journey) wantNotices(want ...filing.NoticeKind) []outbox.Message {
	j.t.Helper()
	var got []filing.NoticeKind
	var sent []string
	var mails []outbox.Message
	err := scenario.Poll(j.t.Context(), func() (bool, error) {
		got, sent = nil, nil
		mails = j.noticesTo(j.mailbox())[j.mailsBefore:]
		texts := slices.DeleteFunc(j.noticesTo(j.phone())[j.smsBefore:], func(m outbox.Message) bool { return kindOf(m) == filing.NoticeSMSCode })
		for _, m := range mails {
			kind := kindOf(m)
			if strings.HasPrefix(string(kind), unknownKind) {
				return false, errors.New("an email of an unknown kind")
			}
			got = append(got, kind)
			same := len(texts) > 0 && texts[0].Attributes[keyName] == m.Attributes[keyName]
			if same && kindOf(texts[0]) == kind {
				sent, texts = append(sent, string(kind)), texts[1:]
			}
			if want := wantsSMS(kind); want == "yes" && !same || want == "no" && same {
				return false, nil // the other message may follow
			}
		}
		return slices.Equal(got, want) && len(texts) == 0, nil
	})
	if err != nil {
		j.t.Fatalf("%v: notices %v, of which by SMS %v, want %v", err, got, sent, want)
	}
	return mails
}

// lastSMS returns the newest SMS to the contact.
func (j *journey) lastSMS() outbox.Message {
	j.t.Helper()
	all := j.noticesTo(j.phone())
	return all[len(all)-1]
}

// sentCodes returns the verification codes sent to the leaders.
func (j *journey) sentCodes() []outbox.Message {
	var all []outbox.Message
	for _, mobile := range scenario.LeaderMobiles(j.app.Details) {
		all = append(all, j.noticesTo("+86"+mobile)...)
	}
	return slices.DeleteFunc(all, func(m outbox.Message) bool { return kindOf(m) != filing.NoticeSMSCode })
}
