package journeys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// TestTransfer: the owner gets a code, the other account enters it, the owner compares and confirms; meanwhile the other account lists it. The register names both (issue 11, point 3).
func TestTransfer(t *testing.T) {
	j, f := newFiling(t, 1901)
	other := newAccount(t, 1902)
	offer, err := j.applicant.OfferTransfer(t.Context(), f.ID)
	if err != nil || offer.State != register.TransferOffered || len(offer.Code) != 14 {
		t.Fatalf("%+v, %v", offer, err)
	}
	_, err = j.applicant.ConfirmTransfer(t.Context(), f.ID)
	wantProblem(t, err, 409, "transfer-not-taken ")
	_, err = j.applicant.TakeTransfer(t.Context(), offer.Code)
	wantProblem(t, err, 409, "transfer-to-own-account /code")
	for range 2 { // the second is a repetition
		taken, err := other.TakeTransfer(t.Context(), strings.ToLower(strings.ReplaceAll(offer.Code, "-", " ")))
		if err != nil || taken.State != register.TransferTaken || taken.Number != f.Number || taken.Code != "" || !slices.Equal(taken.Domains, f.Domains) || taken.TakenBy != nil {
			t.Fatalf("%+v, %v", taken, err)
		}
	}
	wantTaken(t, other, f.ID)
	wantTaken(t, j.applicant)
	if _, err := other.Filing(t.Context(), f.ID); err == nil {
		t.Error("the other account reads the filing before the confirmation")
	}
	shown, err := j.applicant.Transfer(t.Context(), f.ID)
	if err != nil || shown.TakenBy == nil || !strings.Contains(shown.TakenBy.Mobile, "****") || shown.Code != "" {
		t.Errorf("%+v, %v", shown.TakenBy, err)
	}
	_, err = j.applicant.OfferTransfer(t.Context(), f.ID)
	wantProblem(t, err, 409, "transfer-taken-already ")
	if _, err := j.applicant.ConfirmTransfer(t.Context(), f.ID); err != nil {
		t.Fatal(err)
	}
	wantTaken(t, other)
	got, err := other.Filing(t.Context(), f.ID)
	if err != nil || got.Version != 2 || got.Subject.Name != f.Subject.Name {
		t.Errorf("%+v, %v", got.FilingBrief, err)
	}
	_, err = j.applicant.Filing(t.Context(), f.ID)
	wantProblem(t, err, 404)
	_, err = j.applicant.ConfirmTransfer(t.Context(), f.ID)
	wantProblem(t, err, 404)
	_, err = newAccount(t, 1903).TakeTransfer(t.Context(), offer.Code)
	wantProblem(t, err, 422, "transfer-code-unknown /code")
	var versions web.FilingVersions
	if err := admin.Call(t.Context(), "GET", "/register/"+string(f.ID)+"/versions", nil, &versions); err != nil {
		t.Fatal(err)
	}
	if v := versions.Items; !versions.Verified || len(v) != 2 || fmt.Sprint(v[1].From) != j.applicant.Account() || fmt.Sprint(v[1].To) != other.Account() {
		t.Errorf("%+v", versions)
	}
	for to, text := range map[string]string{
		scenario.Invented(1901).Login: "您的账号不能再变更它", scenario.Invented(1902).Login: "已转移到您的账号", "+86" + f.Subject.Leader.Mobile.Reveal(): "您负责的备案",
	} {
		err := scenario.Poll(t.Context(), func() (bool, error) {
			return slices.ContainsFunc(textsTo(to, f.Number.String()), func(sent string) bool { return strings.Contains(sent, text) }), nil
		})
		if err != nil {
			t.Errorf("no message with %q: %q", text, textsTo(to, f.Number.String()))
		}
	}
}

// wantTaken checks which transfers an account has taken and waits for.
func wantTaken(t *testing.T, u *scenario.User, want ...register.ID) {
	t.Helper()
	taken, err := u.TakenTransfers(t.Context())
	var got []register.ID
	for _, one := range taken {
		got = append(got, one.Filing)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the account waits for %v, want %v: %v", got, want, err)
	}
}

// TestTransferEnds: a transfer can be revoked, declined and replaced, and expires; its code is then as unknown as any other.
func TestTransferEnds(t *testing.T) {
	j, f := newFiling(t, 1911)
	other := newAccount(t, 1912)
	offer := func() string {
		t.Helper()
		o, err := j.applicant.OfferTransfer(t.Context(), f.ID)
		j.must(err)
		return o.Code
	}
	unknown := func(code string) {
		t.Helper()
		_, err := other.TakeTransfer(t.Context(), code)
		wantProblem(t, err, 422, "transfer-code-unknown /code")
	}
	unknown("AAAA-BBBB-CCCC")
	replaced := offer()
	revoked := offer()
	unknown(replaced)
	if ended, err := j.applicant.RevokeTransfer(t.Context(), f.ID); err != nil || ended.State != register.TransferRevoked {
		t.Errorf("%+v, %v", ended, err)
	}
	unknown(revoked)
	_, err := j.applicant.RevokeTransfer(t.Context(), f.ID)
	wantProblem(t, err, 409, "transfer-none ")
	_, err = other.TakeTransfer(t.Context(), offer())
	j.must(err)
	_, err = newAccount(t, 1913).DeclineTransfer(t.Context(), f.ID)
	wantProblem(t, err, 404)
	_, err = other.DeclineTransfer(t.Context(), f.ID)
	j.must(err)
	wantTaken(t, other)
	_, err = j.applicant.ConfirmTransfer(t.Context(), f.ID)
	wantProblem(t, err, 409, "transfer-none ")
	late := offer()
	_, err = other.TakeTransfer(t.Context(), late)
	j.must(err)
	wantTaken(t, other, f.ID)
	sys.Clock.Advance(register.TransferLifetime + time.Minute)
	wantTaken(t, other)
	unknown(late)
	_, err = j.applicant.ConfirmTransfer(t.Context(), f.ID)
	wantProblem(t, err, 409, "transfer-none ")
	if got, err := j.applicant.Transfer(t.Context(), f.ID); err != nil || got.State != register.TransferExpired {
		t.Errorf("%+v, %v", got, err)
	}
	if got := j.filing(); got.Version != 1 {
		t.Errorf("version %d", got.Version)
	}
}

// TestTransferRefused: a filing with an open order is not transferred, nor to an account that has a filing.
func TestTransferRefused(t *testing.T) {
	j, f := newFiling(t, 1921)
	holder, _ := newFiling(t, 1922)
	offer, err := j.applicant.OfferTransfer(t.Context(), f.ID)
	j.must(err)
	_, err = holder.applicant.TakeTransfer(t.Context(), offer.Code)
	wantProblem(t, err, 409, "account-has-filing ")
	_, err = newAccount(t, 1923).TakeTransfer(t.Context(), offer.Code)
	j.must(err)
	again := j.app
	again.Open = map[string]any{}
	for name, value := range j.app.Open {
		again.Open[name] = value
	}
	again.Open["domains"] = []string{"invented-second-1921-example.com"}
	o, err := j.applicant.OpenOrder(t.Context(), again)
	j.must(err)
	_, err = j.applicant.ConfirmTransfer(t.Context(), f.ID)
	wantProblem(t, err, 409, "transfer-order-open ")
	if got := j.filing(); got.OpenOrder != o.ID || len(got.Next) != 0 {
		t.Errorf("open order %q, next %+v", got.OpenOrder, got.Next)
	}
	j.must(j.applicant.Abandon(t.Context(), o.ID))
	j.must(scenario.Poll(t.Context(), func() (bool, error) { return j.filing().OpenOrder == "", nil }))
	_, err = j.applicant.ConfirmTransfer(t.Context(), f.ID)
	j.must(err)
}
