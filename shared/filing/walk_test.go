package filing_test

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

func TestApproval(t *testing.T) {
	for name, app := range map[string]func() filingtest.Application{
		"enterprise in Beijing": filingtest.EnterpriseBeijing, "individual in Zhejiang": filingtest.IndividualZhejiang,
		"enterprise in Jiangsu": filingtest.EnterpriseJiangsu,
	} {
		t.Run(name, func(t *testing.T) {
			w := filingtest.OpenAt(t, app(), filingtest.December2019, filing.Done)
			if w.Order.Status != filing.Approved || len(w.Order.Duties) == 0 {
				t.Errorf("the order ended %s with %d duties", w.Order.Status, len(w.Order.Duties))
			}
			w = filingtest.OpenAt(t, app(), filingtest.December2019, filing.CollectEvidence)
			for _, f := range w.Order.Private.Findings {
				t.Errorf("a complete application has the finding %s at %q", f.Code, f.Pointer)
			}
		})
	}
}
