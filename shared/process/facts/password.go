package facts

import (
	"context"

	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/rules/fault"
)

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
