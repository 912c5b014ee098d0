package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/infra/local/scenario"
)

// The states of a first filing: to the review, after it passed, and to the end.
var (
	toReview = strings.Fields("Step VerifyType VerifyProduct CollectDetails CollectEvidence VerifyAuthenticity AwaitConfirmation InitialReview")
	passed   = strings.Fields("DocumentsByMail SMSRequired")
	toFiled  = strings.Fields("Transmit AwaitBureau Announce Approved FollowUp Filed")
	returned = strings.Fields("Return Step CollectDetails CollectEvidence VerifyAuthenticity AwaitConfirmation InitialReview")
)

// FileThree files the three applications and returns the filings. It stops at the first unexpected result.
func (d *Demo) FileThree(ctx context.Context) ([]*Filing, error) {
	var filings []*Filing
	for _, sample := range []struct {
		name  string
		steps []func(context.Context, *Filing) error
		path  []string
	}{
		{"enterprise-beijing", nil, slices.Concat(toReview, passed, toFiled)},
		{"individual-zhejiang", nil, slices.Concat(toReview, passed, []string{"VerifySMS"}, toFiled)},
		{"enterprise-jiangsu", []func(context.Context, *Filing) error{d.returnOrder, d.correctFindings}, slices.Concat(toReview, returned, passed, toFiled)},
	} {
		started := time.Now()
		f := &Filing{Name: sample.name}
		if err := runAll(ctx, f, d.openOrder, d.fillApplication); err != nil {
			return filings, err
		}
		if err := runAll(ctx, f, append(sample.steps, d.approveOrder, d.answerCodes, d.awaitNumbers)...); err != nil {
			return filings, err
		}
		if !slices.Equal(f.Path, sample.path) {
			return filings, fmt.Errorf("%s took the path %s, want %s", f.Name, strings.Join(f.Path, " → "), strings.Join(sample.path, " → "))
		}
		f.Took = time.Since(started)
		filings = append(filings, f)
	}
	return filings, d.checkCopyright(filings[2])
}

// returnOrder makes the reviewer return the order with two findings.
func (d *Demo) returnOrder(ctx context.Context, f *Filing) error {
	if err := d.Reviewer.Claim(ctx, f.Order); err != nil {
		return err
	}
	if err := d.Reviewer.Review(ctx, f.Order, "return",
		scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{
			"zh-CN": "网站名称“农产品之窗”与主体名称没有明显关联，请修改，或在备注中说明。", "en": "The site's name has no clear relation to the subject's; change it or explain it in the remark."}},
		scenario.Remark{Pointer: "/evidence/sites~10~1verification-form", Message: map[string]string{
			"zh-CN": "核验单上的公章不清晰，请重新拍照上传。", "en": "The seal on the verification form cannot be read; please upload it again."}},
	); err != nil {
		return fmt.Errorf("returning: %w", err)
	}
	d.print("reviewer", "claims the order and returns it with two findings")
	return d.awaitMessages(ctx, f, "")
}

// correctFindings makes the applicant correct the two findings.
func (d *Demo) correctFindings(ctx context.Context, f *Filing) error {
	order, err := f.applicant.Order(ctx, f.Order)
	if err != nil {
		return err
	}
	for _, found := range order.Findings {
		d.print("applicant", "reads the finding at %s: %s", found.Pointer, found.Message.Chinese)
	}
	f.app.Details.Sites[0]["name"] = "示例绿洲农业"
	if err := f.applicant.EnterDetails(ctx, f.Order, f.app.Details); err != nil {
		return err
	}
	if err := f.applicant.UploadMissing(ctx, f.Order, scenario.SamplePicture("verification form, sealed again", 99)); err != nil {
		return err
	}
	d.print("applicant", "changes the name and uploads the form again")
	return d.confirmSummary(ctx, f)
}

// checkCopyright checks that the last email mentions the copyright line that Jiangsu requires (S22).
func (d *Demo) checkCopyright(f *Filing) error {
	sent := d.client.Sent(f.contacts[1])
	if last := sent[len(sent)-1]; !strings.Contains(last.Text, "版权") {
		return fmt.Errorf("the last email to Jiangsu does not mention the copyright line: %q", last.Subject)
	}
	d.print("beian", "the last email asks for the copyright line that Jiangsu requires at the foot of the page")
	return nil
}
