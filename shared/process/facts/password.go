package facts

import (
	"context"

	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// SettlePassword has the bureau check the filing password that the applicant entered, if it was not checked yet, and returns the order after the decision
// filing.CheckFilingPassword. The caller is the function of the machine's present state. An order that an operator enters into the bureau's console is not asked about.
func (f *Finder) SettlePassword(ctx context.Context, decisions *decide.Service, o filing.Order) (filing.Order, error) {
	if o.Closing != "" || o.ConsoleOnly() || !o.AsksBureauAboutPassword(decisions.Now()) {
		return o, nil
	}
	verdict, answered, err := f.CheckPassword(ctx, o)
	if err != nil || !answered {
		return o, err
	}
	return decisions.DecideOn(ctx, o, filing.Beian, verdict, decide.Preconditions{InState: true})
}

// CheckPassword asks the bureau about the filing password of an order (isp_verifybamm). It returns false if the bureau does not answer: it then
// refuses a wrong password with the application (1018).
func (f *Finder) CheckPassword(ctx context.Context, o filing.Order) (d filing.CheckFilingPassword, answered bool, err error) {
	password := o.Private.FilingPassword.Reveal()
	if f.Bureau == nil {
		return d, false, nil
	}
	right, outcome, err := f.Bureau.VerifyPassword(ctx, o.Filed.Number.String(), password)
	switch {
	case ctx.Err() != nil:
		return d, false, fault.Wrap(fault.Unavailable, ctx.Err())
	case outcome.Code == result.TooManyChecks:
		return filing.CheckFilingPassword{Verdict: filing.PasswordLocked}, true, nil
	case err != nil || !outcome.OK():
		return d, false, nil
	case !right:
		return filing.CheckFilingPassword{Verdict: filing.PasswordWrong}, true, nil
	}
	hash, err := wire.FilingPasswordHash(password)
	return filing.CheckFilingPassword{Verdict: filing.PasswordRight, Hash: hash}, err == nil, nil
}
