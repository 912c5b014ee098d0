package register_test

import (
	"testing"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

var noon = time.Date(2021, 3, 1, 4, 0, 0, 0, time.UTC)

func wantRefusal(t *testing.T, err error, kind fault.Kind, code finding.Code) {
	t.Helper()
	if f := fault.Of(err); err == nil || f.Kind != kind || !f.Findings.Has(code) {
		t.Errorf("%v, want %s %s", err, kind, code)
	}
}

func TestClaimAnswers(t *testing.T) {
	c, err := register.RequestClaim(register.Claim{}, register.Claim{Account: "a", LeaderCode: register.LeaderCode{Code: "482913"}}, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	_, err = register.RequestClaim(c, register.Claim{}, nil, noon.Add(register.ClaimPause-time.Second))
	wantRefusal(t, err, fault.TooMany, register.CodeClaimTooSoon)
	_, err = register.RequestClaim(register.Claim{}, register.Claim{}, []register.Filing{{Status: register.Shell, SubjectKey: "s"}}, noon)
	wantRefusal(t, err, fault.Conflict, register.CodeClaimOwn) // both numbers are zero
	if _, err := register.RequestClaim(register.Claim{}, register.Claim{}, []register.Filing{{Status: register.Cancelled}}, noon); err != nil {
		t.Error(err)
	}
	after, changed, err := c.Answer("验证码：４８２ 913。", noon.Add(register.CodeLifetime-time.Millisecond))
	if err != nil || !changed || after.Code != "" || after.Version != c.Version+1 {
		t.Errorf("%+v, %v", after, err)
	}
	_, changed, err = c.Answer("482913", noon.Add(register.CodeLifetime))
	if wantRefusal(t, err, fault.Conflict, register.CodeClaimCodeExpired); changed {
		t.Error("an expired claim changes")
	}
	_, changed, err = c.Answer("48291", noon)
	if wantRefusal(t, err, fault.Invalid, register.CodeClaimCodeFormat); changed {
		t.Error("a malformed code is a try")
	}
	for range register.MaxWrongCodes {
		c, _, err = c.Answer("000000", noon)
		wantRefusal(t, err, fault.Invalid, register.CodeClaimCodeWrong)
	}
	c, _, err = c.Answer("000000", noon)
	wantRefusal(t, err, fault.Conflict, register.CodeClaimCodeExpired)
	if c.Code != "" || c.TriesLeft() != 0 {
		t.Error("the code is still there")
	}
	for _, f := range []register.Filing{{}, {ID: "f", Account: "b"}, {ID: "f", Status: register.Cancelled}} {
		_, err = f.ClaimBy(after, nil, noon)
		wantRefusal(t, err, fault.Conflict, register.CodeClaimTaken)
	}
	_, err = register.Filing{ID: "f"}.ClaimBy(after, []register.Filing{{Status: register.Cancelled}, {Status: register.Filed}}, noon)
	wantRefusal(t, err, fault.Conflict, register.CodeAccountHasFiling)
}

func TestTransferStates(t *testing.T) {
	f := register.Filing{ID: "f", Account: "a", Version: 1}
	offered, err := f.Offer(register.Transfer{}, "t", "key", "", register.Party{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for code, c := range map[finding.Code]func() error{
		register.CodeNotStanding: func() error {
			_, err := register.Filing{Status: register.Cancelled}.Offer(register.Transfer{}, "t", "key", "", register.Party{}, noon)
			return err
		},
		register.CodeTransferOrderOpen: func() error {
			_, err := f.Offer(register.Transfer{}, "t", "key", "order", register.Party{}, noon)
			return err
		},
		register.CodeTransferOwn: func() error {
			_, err := offered.Take(f, "a", register.Party{}, nil, noon)
			return err
		},
		register.CodeAccountHasFiling: func() error {
			_, err := offered.Take(f, "b", register.Party{}, []register.Filing{{Status: register.Filed}}, noon)
			return err
		},
		register.CodeTransferNotTaken: func() error {
			_, _, err := offered.Confirm(f, nil, "", noon)
			return err
		},
	} {
		wantRefusal(t, c(), fault.Conflict, code)
	}
	if _, err := f.Offer(register.Transfer{}, "t", "key", "order", register.Party{}, noon); fault.Of(err).Findings[0].Order != "order" {
		t.Errorf("the finding about the open order does not name it: %v", err)
	}
	taken, err := offered.Take(f, "b", register.Party{}, []register.Filing{{Status: register.Cancelled}}, noon)
	if err != nil || taken.State != register.TransferTaken {
		t.Fatalf("%+v, %v", taken, err)
	}
	_, err = taken.Take(f, "c", register.Party{}, nil, noon)
	wantRefusal(t, err, fault.Invalid, register.CodeTransferUnknown)
	_, err = f.Offer(taken, "t2", "key2", "", register.Party{}, noon)
	wantRefusal(t, err, fault.Conflict, register.CodeTransferTaken)
	_, _, err = taken.Confirm(f, []register.Filing{{Status: register.Filed}}, "", noon)
	wantRefusal(t, err, fault.Conflict, register.CodeTransferTakerHas)
	_, _, err = taken.Confirm(f, nil, "", noon.Add(register.TransferLifetime))
	wantRefusal(t, err, fault.Conflict, register.CodeTransferNone)
	moved := f
	moved.Account = "x"
	_, _, err = taken.Confirm(moved, nil, "", noon)
	wantRefusal(t, err, fault.Conflict, register.CodeTransferNone)
	done, change, err := taken.Confirm(f, nil, "", noon)
	if err != nil || done.State != register.TransferDone || change.After.Account != "b" || change.Entry.Source != (register.Source{Kind: register.FromAccount, ID: "t", From: "a", To: "b"}) {
		t.Errorf("%+v, %+v, %v", done, change.Entry, err)
	}
	_, err = done.Revoke(noon)
	wantRefusal(t, err, fault.Conflict, register.CodeTransferNone)
}
