package filing

import (
	"fmt"
	"log/slog"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/workday"
)

// passwordsEnd is the day on which the ministry abolished filing passwords: SMS codes replaced them in all provinces (icp-filing 2.3, 3.3).
const passwordsEnd workday.Date = "2020-08-17"

// A PasswordRule says whether a kind of application has the bureau's filing password (备案密码) of the subject. It holds before passwordsEnd.
type PasswordRule string

const (
	PasswordNone     PasswordRule = "none"
	PasswordOptional PasswordRule = "optional" // sent if it is known
	PasswordRequired PasswordRule = "required"
)

// Findings about the filing password.
const (
	CodePasswordMissing  finding.Code = "filing-password-missing"
	CodePasswordNotAsked finding.Code = "filing-password-not-asked-for"
	CodePasswordWrong    finding.Code = "filing-password-wrong"
	CodePasswordLocked   finding.Code = "filing-password-locked"
)

// pointerPassword is the pointer of findings about an order's filing password.
const pointerPassword = "/filingPassword"

// A FilingPassword is a filing password as the applicant entered it. It prints as [redacted].
type FilingPassword string

// Format writes [redacted].
func (FilingPassword) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (FilingPassword) LogValue() slog.Value { return person.RedactedValue() }

// Reveal returns the password in clear.
func (p FilingPassword) Reveal() string { return string(p) }

// passwordRule returns the rule of the order's kind on a day. Before the type is determined, there is none.
func (o Order) passwordRule(at time.Time) PasswordRule {
	if rule := o.Kind().Password; o.Type != "" && rule != "" && workday.DateOf(at) < passwordsEnd {
		return rule
	}
	return PasswordNone
}

// PasswordFindings returns the finding that the order requires the filing password: neither the applicant entered it, nor has the register it. It
// blocks the confirmation.
func (o Order) PasswordFindings(at time.Time) finding.List {
	if !o.Step.IsApplicantStep() || o.passwordRule(at) != PasswordRequired || o.Private.FilingPassword != "" || o.Private.Filed.FilingPassword != "" {
		return nil
	}
	return finding.List{finding.New(CodePasswordMissing, pointerPassword)}
}

// AsksBureauAboutPassword reports whether the bureau has to check the filing password that the applicant entered.
func (o Order) AsksBureauAboutPassword(at time.Time) bool {
	return o.Private.FilingPassword != "" && o.Filed != nil && o.passwordRule(at) != PasswordNone
}

// EnterFilingPassword stores the filing password before the order is submitted. The bureau checks it then, and not before: only an applicant
// with papers and liveness learns whether a password is right, and the bureau allows few checks a day. See [CheckFilingPassword].
type EnterFilingPassword struct{ Password FilingPassword }

func (EnterFilingPassword) Name() string { return "enter-filing-password" }

func (d EnterFilingPassword) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifyProduct, CollectDetails, CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	if o.passwordRule(at) == PasswordNone {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodePasswordNotAsked, "")})
	}
	if d.Password == "" {
		return blockingFault(finding.List{finding.New(CodePasswordMissing, "/password")})
	}
	if character, is := o.Characters.Check(d.Password.Reveal()); is {
		return blockingFault(finding.List{UnreadableCharacter(character, "/password")})
	}
	if d.Password == o.Private.FilingPassword {
		return ErrNothingToDo
	}
	o.Private.FilingPassword, o.Confirmation = d.Password, nil
	return nil
}

// A PasswordVerdict is the bureau's answer about a filing password.
type PasswordVerdict string

const (
	PasswordRight  PasswordVerdict = "right"
	PasswordWrong  PasswordVerdict = "wrong"
	PasswordLocked PasswordVerdict = "locked" // checked too often (MIIT-IF30 6.1, 22)
)

// CheckFilingPassword records the bureau's answer about the filing password: when the order is submitted or, if the bureau did not answer then, before the
// upload. Of a right one, the order keeps only the hash that the interface carries. Otherwise the order goes back to the applicant.
type CheckFilingPassword struct {
	Verdict PasswordVerdict
	Hash    string // of a right password: its MD5 in hex, as the interface carries it (MIIT-IF30 8.5)
}

func (CheckFilingPassword) Name() string { return "check-filing-password" }

func (d CheckFilingPassword) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview, Transmit); err != nil {
		return err
	}
	if o.Private.FilingPassword == "" {
		return ErrNothingToDo
	}
	c.setFact("password", string(d.Verdict))
	o.Private.FilingPassword = ""
	if d.Verdict == PasswordRight {
		o.Private.Filed.FilingPassword = d.Hash
		return nil
	}
	code := CodePasswordWrong
	if d.Verdict == PasswordLocked {
		code = CodePasswordLocked
	}
	c.setFact("refused", string(code))
	c.returnToApplicant(finding.List{finding.New(code, pointerPassword)}, at)
	o.Review = nil // the applicant confirms once more
	c.notifyOnce(NoticeReturned, at)
	return nil
}
