package filing

import (
	"slices"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
)

// Findings about what the order takes from the register and does not change.
const (
	CodeFiledProvince finding.Code = "filed-in-other-province"
	CodeFiledKind     finding.Code = "filed-as-other-kind"
	CodeFiledName     finding.Code = "filed-under-other-name"
	CodeFiledExpired  finding.Code = "filed-certificate-expired"
	CodeSubjectFixed  finding.Code = "subject-not-changed-here"
)

// correctByChange is the remedy of findings about what the order does not change.
var correctByChange = finding.Words{
	Chinese: "这里不能改已备案的信息，您可以继续，审核人员会核对。确实要改的，请先办理变更备案，再新增。",
	English: "What is filed cannot be corrected here. You can continue, and a reviewer checks it. If it is wrong, change the filing first.",
}

// fillSubject enters the filing's subject into the order.
func fillSubject(o *Order) { o.Private.Subject = o.Private.Filed.Subject }

// checkOpeningFiled compares the opening with the filing of the order's account, if the order's type takes the subject from it. Pointers are into
// the opening.
func (o Order) checkOpeningFiled(t Type, at time.Time) finding.List {
	k, _ := KindOf(t)
	f := o.Register
	if k.Subject != Fixed || !o.isOwnFiling() {
		return nil
	}
	var found finding.List
	if f.Province != o.Province {
		w := f.Province.Province().Name
		found = append(found, finding.New(CodeFiledProvince, "/province", "province", w.Chinese, "province-en", w.English))
	}
	if f.Entity != o.Entity {
		w := f.Entity.Words()
		found = append(found, finding.New(CodeFiledKind, "/entityKind", "kind", w.Chinese, "kind-en", w.English))
	}
	s := f.Private.Subject
	if s.Name != o.Private.Subject.Name {
		found = append(found, finding.New(CodeFiledName, "/name"))
	}
	if s.Certificate.Validity.Check(at).Has(certificate.ValidityExpired) || s.Leader.Certificate.Validity.Check(at).Has(certificate.ValidityExpired) {
		found = append(found, finding.New(CodeFiledExpired, pointerNumber))
	}
	return found
}

// checkGivenSubject returns a finding for each value of a subject that differs from the order's, where the order does not change the subject.
// Values that are not given do not differ. Pointers are into the details.
func (o Order) checkGivenSubject(given Subject) finding.List {
	filed, _ := o.completeDetails(o.Private.Subject, nil)
	given, _ = o.completeDetails(given, nil)
	var found finding.List
	for _, d := range register.Differences(filed, given) {
		if d.After != nil {
			found = append(found, finding.New(CodeSubjectFixed, "/subject"+d.Pointer))
		}
	}
	return found
}

// withFixedBlocks makes warnings of the findings on what the order takes from the register: the applicant cannot correct it here. A certificate
// that has expired still blocks, because the bureau wants the new one before it files more for the subject.
func (o Order) withFixedBlocks(found finding.List) finding.List {
	k := o.Kind()
	found = slices.Clone(found)
	for i, f := range found {
		fixed := k.Subject == Fixed && strings.HasPrefix(f.Pointer, "/subject") || k.Sites == Fixed && strings.HasPrefix(f.Pointer, "/sites")
		switch {
		case !fixed:
		case f.Code == certificate.ValidityExpired:
			found[i] = finding.New(CodeFiledExpired, f.Pointer)
		case f.Severity == finding.Block:
			found[i].Severity, found[i].Remedy = finding.Warn, correctByChange
		}
	}
	return found
}
