package workflow_test

import (
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/number"
	"beian/shared/workflow"
)

// orderAt returns an order of a kind about one service, at a step.
func orderAt(t *testing.T, k filing.Kind, service number.Service, step filing.Step, status filing.Status) filing.Order {
	t.Helper()
	app := filingtest.EnterpriseBeijing()
	subject, err := number.ParseSubject("京ICP备2019000001号")
	if err != nil {
		t.Fatal(err)
	}
	o := filing.Order{Type: k.Type, Step: step, Status: status, Province: "11", Service: service, Entity: app.Opening.EntityKind,
		Private: filing.Private{Contact: app.Contact, Verified: app.Contact, Subject: app.Subject, Sites: app.Sites}}
	if k.Begins == filing.AtFiling {
		o.Filed = &register.Filing{Number: subject, Sites: []register.FiledSite{{Number: number.Filing{Subject: subject, Running: 1, Service: service}}}}
		o.Private.Filed = register.Private{Subject: app.Subject, Sites: []filing.Site{{Name: "另一个名称"}}}
	}
	if step == filing.VerifySMS {
		o.SMS = &filing.SMSCheck{}
	}
	return o
}

// TestNextFollowsTheKind: what the table says at each step of each kind and kind of service names nothing that the kind does not have; after an approval
// it names duties if there are any.
func TestNextFollowsTheKind(t *testing.T) {
	at := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)
	for _, k := range filing.Kinds {
		for _, service := range k.Services() {
			var orders []filing.Order
			for _, step := range k.Steps() {
				if step != filing.Done {
					orders = append(orders, orderAt(t, k, service, step, ""))
				}
			}
			for _, status := range []filing.Status{filing.Approved, filing.BureauRejected, filing.Appealed, filing.InitialRejected, filing.Withdrawn} {
				orders = append(orders, orderAt(t, k, service, filing.Done, status))
			}
			for _, o := range orders {
				next := workflow.NextActionFor(o)
				text := next.Chinese + "\n" + next.English
				var foreign []string
				if service != number.Site {
					foreign = append(foreign, "网站", " site", "sites")
				}
				if k.Subject != filing.Asked {
					foreign = append(foreign, "填写主体信息", "data of the subject")
				}
				if k.Documents == filing.NoDocuments {
					foreign = append(foreign, "材料", "document")
				}
				if k.Cancels != "" {
					foreign = append(foreign, "修改", "correct what", "备案号", "备案已通过")
				}
				if k.Stored {
					foreign = append(foreign, "作出决定", "deciding", "decided", "电话")
				}
				if k.Codes == filing.SubjectOnly {
					foreign = append(foreign, "site leader", "网站负责人")
				}
				if k.Codes == filing.SiteLeaders {
					foreign = append(foreign, "主体负责人", "subject leader")
				}
				o.Step, o.Bureau = filing.FollowUp, &filing.BureauState{Approved: true, DecidedAt: at}
				c, err := o.Apply(filing.SetDuties{}, filing.Beian, at)
				if err != nil {
					t.Fatal(err)
				}
				if len(c.Order.Duties) == 0 {
					foreign = append(foreign, "按待办事项", "as the duties", "other duties", "显示备案号", "show the number")
				} else if o.Status == filing.Approved && (!strings.Contains(text, "按待办事项") || next.Party != workflow.Applicant) {
					t.Errorf("%s about a %s has duties, but next says %q", k.Type, service.Name(), text)
				}
				for _, word := range foreign {
					if strings.Contains(text, word) {
						t.Errorf("%s about a %s at %s %s says %q", k.Type, service.Name(), o.Step, o.Status, text)
					}
				}
				if strings.ContainsAny(text, "{}") {
					t.Errorf("%s: %q has a placeholder left", k.Type, text)
				}
			}
		}
	}
}
