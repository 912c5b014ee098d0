package demo

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// The states of a first filing, from the first to the reviewer's verdict and from there to the end.
var (
	toReview = []string{"Step", "VerifyType", "VerifyProduct", "CollectDetails", "CollectEvidence", "VerifyAuthenticity",
		"AwaitConfirmation", "InitialReview"}
	passed   = []string{"DocumentsByMail", "SMSRequired"}
	toFiled  = []string{"Transmit", "AwaitBureau", "Announce", "Approved", "FollowUp", "Filed"}
	mended   = []string{"Return", "Step", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview"}
	straight = slices.Concat(toReview, passed, toFiled)
	bySMS    = slices.Concat(toReview, passed, []string{"VerifySMS"}, toFiled)
	returned = slices.Concat(toReview, mended, passed, toFiled)
)

// Three tells the three filings and returns them. It fails at the first thing that does not hold.
func (s *Story) Three(ctx context.Context) ([]*Filing, error) {
	var told []*Filing
	for _, tell := range []func(context.Context) (*Filing, error){s.beijing, s.zhejiang, s.jiangsu} {
		begun := time.Now()
		f, err := tell(ctx)
		if err != nil {
			return told, err
		}
		f.Took = time.Since(begun)
		told = append(told, f)
	}
	return told, nil
}

func (s *Story) beijing(ctx context.Context) (*Filing, error) {
	f, err := s.Begin(ctx, "enterprise-beijing")
	if err != nil {
		return nil, err
	}
	if err := s.Fill(ctx, f); err != nil {
		return nil, err
	}
	if err := s.Pass(ctx, f); err != nil {
		return nil, err
	}
	if err := s.Finish(ctx, f); err != nil {
		return nil, err
	}
	return f, f.Expect(straight...)
}

func (s *Story) zhejiang(ctx context.Context) (*Filing, error) {
	f, err := s.Begin(ctx, "individual-zhejiang")
	if err != nil {
		return nil, err
	}
	if err := s.Fill(ctx, f); err != nil {
		return nil, err
	}
	mobile := f.contact[0]
	before := len(s.World.Sent(mobile))
	if err := s.reviewer.Approve(ctx, f.Order); err != nil {
		return nil, err
	}
	s.say("reviewer", "takes the order off the queue and passes it")
	if err := s.reply(ctx, f, mobile, before); err != nil {
		return nil, err
	}
	if err := s.Finish(ctx, f); err != nil {
		return nil, err
	}
	return f, f.Expect(bySMS...)
}

// reply waits for the SMS with the code and answers it.
func (s *Story) reply(ctx context.Context, f *Filing, mobile string, before int) error {
	if _, err := f.applicant.AwaitStep(ctx, f.Order, filing.VerifySMS); err != nil {
		return err
	}
	var asked outbox.Message
	err := scenario.Poll(ctx, func() (bool, error) {
		sent := s.World.Sent(mobile)[before:]
		i := slices.IndexFunc(sent, func(m outbox.Message) bool {
			return strings.Contains(m.Attributes["beian-key"], "notice") && codeIn(m.Text) != ""
		})
		if i >= 0 {
			asked = sent[i]
		}
		return i >= 0, nil
	})
	if err != nil {
		return fmt.Errorf("no SMS with a code: %w", err)
	}
	sent := s.World.Sent(mobile)
	for _, m := range sent[before:] {
		s.tell(m)
	}
	s.told[mobile] = len(sent)
	s.say("leader", "answers the SMS with the code")
	return s.World.ReplySMS(ctx, "reply-"+string(f.Order), strings.TrimPrefix(mobile, "+86"), "验证码 "+codeIn(asked.Text))
}

func (s *Story) jiangsu(ctx context.Context) (*Filing, error) {
	f, err := s.Begin(ctx, "enterprise-jiangsu")
	if err != nil {
		return nil, err
	}
	if err := s.Fill(ctx, f); err != nil {
		return nil, err
	}
	if err := s.reviewer.Claim(ctx, f.Order); err != nil {
		return nil, err
	}
	if err := s.reviewer.Review(ctx, f.Order, "return",
		scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{
			"zh-CN": "网站名称“农产品之窗”与主体名称没有明显关联，请修改，或在备注中说明。", "en": "The site's name has no clear relation to the subject's; change it or explain it in the remark."}},
		scenario.Remark{Pointer: "/evidence/sites~10~1verification-form", Message: map[string]string{
			"zh-CN": "核验单上的公章不清晰，请重新拍照上传。", "en": "The seal on the verification form cannot be read; please upload it again."}},
	); err != nil {
		return nil, fmt.Errorf("returning: %w", err)
	}
	s.say("reviewer", "returns the order for two findings")
	if err := s.listen(ctx, f, filing.NoticeReturned, ""); err != nil {
		return nil, err
	}
	if err := s.mend(ctx, f); err != nil {
		return nil, err
	}
	if err := s.Pass(ctx, f); err != nil {
		return nil, err
	}
	if err := s.Finish(ctx, f); err != nil {
		return nil, err
	}
	if err := s.copyright(f); err != nil {
		return nil, err
	}
	return f, f.Expect(returned...)
}

// mend has the applicant correct the two findings.
func (s *Story) mend(ctx context.Context, f *Filing) error {
	order, err := f.applicant.Order(ctx, f.Order)
	if err != nil {
		return err
	}
	for _, found := range order.Findings {
		s.say("applicant", "reads at %s: %s", found.Pointer, found.Message.Chinese)
	}
	f.app.Details.Sites[0]["name"] = "示例绿洲农业"
	if err := f.applicant.EnterDetails(ctx, f.Order, f.app.Details); err != nil {
		return err
	}
	if err := f.applicant.UploadMissing(ctx, f.Order, scenario.SamplePicture("verification form, sealed again", 99)); err != nil {
		return err
	}
	s.say("applicant", "changes the name and uploads the form again")
	return s.confirm(ctx, f)
}

// copyright checks that the last email tells of the copyright line (S22).
func (s *Story) copyright(f *Filing) error {
	sent := s.World.Sent(f.contact[1])
	if last := sent[len(sent)-1]; !strings.Contains(last.Text, "版权") {
		return fmt.Errorf("the last email to Jiangsu does not tell of the copyright line: %q", last.Subject)
	}
	s.say("beian", "has told them of the copyright line that Jiangsu wants at the foot of the page")
	return nil
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

func codeIn(text string) string { return sixDigits.FindString(text) }
