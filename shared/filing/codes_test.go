package filing_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// testOfCode names the test of each code that has no case in details_test.go.
var testOfCode = map[finding.Code]string{
	filing.CodeSubjectBlacklisted: "TestDetermine", filing.CodeDomainBlacklisted: "TestDetermine",
	filing.CodeAccountBound: "TestDetermine", filing.CodeSubjectBound: "TestDetermine", filing.CodeToBeClaimed: "TestToBeClaimed",
	filing.CodeDomainOfOther: "TestDetermine", filing.CodeDomainHolder: "TestDetermine", filing.CodeNothingToFile: "TestDetermine",
	filing.CodeTypesDiffer: "TestDetermineType", filing.CodeNoSplit: "TestSplit", filing.CodeShell: "TestShell", filing.CodeShellUnsure: "TestShell", filing.CodeSplitChanged: "TestSplit", filing.CodeSubjectLater: "TestWithheld", filing.CodeSubjectUnasked: "TestDetermineType", filing.CodeNotLookedUp: "TestNotLookedUp", filing.CodeTypeAgain: "TestWithheldType", filing.CodeDomainFiled: "TestAccessOfStranger", filing.CodeOneSite: "TestAccessOfSeveralSites", filing.CodeSubjectNumberMissing: "TestFilingNumber", filing.CodeFilingNumberForm: "TestFilingNumber", filing.CodeSiteNumberForm: "TestSiteNumber", filing.CodeSiteNumberOfApp: "TestSiteNumber", filing.CodeBureauUnreachable: "TestRepeatType",
	filing.CodeSubmitNothing: "TestSubmitEvidence", filing.CodeSubmitUnknown: "TestSubmitEvidence", filing.CodeSubmitNotOurs: "TestSubmitEvidence",
	filing.CodePasswordMissing: "TestFilingPassword", filing.CodePasswordNotAsked: "TestFilingPassword", filing.CodePasswordWrong: "TestFilingPassword", filing.CodePasswordLocked: "TestFilingPassword",
	filing.CodeClaimed: "TestClaims", filing.CodeNotClaimed: "TestClaims", filing.CodeOwnOrder: "TestOwnOrder", filing.CodeReasonMissing: "TestClaims", filing.CodeReasonPointer: "TestClaims", filing.CodePaperUnknown: "TestClaims",
	filing.CodeVerdictWaits: "TestVerdictWaits", filing.CodeVerdictNotWaits: "TestVerdictUndone", filing.CodeVerdictOfOther: "TestVerdictUndone",
	filing.CodeReadBefore: "TestSecondReadingAgrees", filing.CodeReadingInTime: "TestDecideByOne", filing.CodeReadingNote: "TestDecideByOne", filing.CodeReadingNone: "TestDecideByOne",
	filing.CodeCallNote: "TestCalls", filing.CodeCallTime: "TestCalls", filing.CodeCallPerson: "TestCalls", filing.CodeCallsMany: "TestCalls",
	filing.CodeCourierMissing: "TestMailedOriginals", filing.CodeTrackingMissing: "TestMailedOriginals",
	filing.CodeSiteUnknown: "TestChallenges", filing.CodeChallengeUnknown: "TestChallenges", filing.CodeChallengeUsed: "TestChallenges",
	filing.CodeChallengeExpired: "TestChallenges", filing.CodeTooManyChecks: "TestChallenges", filing.CodePortraitMissing: "TestChallengeNeedsPortrait",
	filing.CodeChallengeOutdated: "TestLivenessDropped", filing.CodeLivenessDropped: "TestLivenessDropped", filing.CodeSummaryChanged: "TestChallenges",
	filing.CodeAppointmentReason: "TestAppointmentInput", filing.CodeAppointmentDay: "TestAppointmentInput", filing.CodeAppointmentTime: "TestAppointmentInput", filing.CodeAppointmentPlace: "TestAppointmentInput",
	filing.CodeAppointmentOutcome: "TestAppointmentInput", filing.CodeAppointmentNote: "TestAppointmentInput", filing.CodeAppointmentNone: "TestAppointmentInput", filing.CodeAppointmentsMany: "TestAppointmentInput",
	filing.CodeAppointmentOpen: "TestAppointment", filing.CodeAppointmentNeedless: "TestAppointment", filing.CodeAppointmentEarly: "TestAppointment", filing.CodeAppointmentOwnCheck: "TestAppointment", filing.CodeAppointmentOutdated: "TestAppointmentOutdated",
	filing.CodePaperShowsOldName: "TestPapersAfterCorrectionOfName", filing.CodeCertificateShownOlder: "TestOldLicenceIsShownToReviewer",
	filing.CodeEvidenceNotRequested: "TestUnrequestedEvidence", filing.CodeStepOutOfOrder: "TestClosings", filing.CodeLanguageUnknown: "TestOpenings",
	filing.CodeSMSExpired: "TestSMSExpiry", filing.CodeSMSTooManyWrong: "TestWrongCodes", filing.CodeSMSWrong: "TestWrongCodes",
	filing.CodeSMSVerified: "TestTwoMobiles", filing.CodeSMSUnknown: "TestResend", filing.CodeSMSTooSoon: "TestResend", filing.CodeSMSFormat: "TestSMSAnswerWithSigns", filing.CodeLeaderUnreachable: "TestLeaderWithoutMobile",
	filing.CodeSMSTooOften: "TestResendLimit", filing.CodeSMSHour: "TestSMSHour", filing.CodeContactUnverified: "TestContactIsVerified", filing.CodeNoticeSkipped: "TestNoticeSkipped", filing.CodeContactCodeWrong: "TestContactIsVerified",
	filing.CodeContactCodeExpired: "TestContactIsVerified", filing.CodeContactCodeTooSoon: "TestContactCodeLimits", filing.CodeContactCodeTooOften: "TestContactCodeLimits",
	filing.CodeContactAddresses: "TestContactCodeLimits", filing.CodeContactChangedOften: "TestFormerContactIsInformed",
	filing.CodeExplanationRule: "TestWrongExplanations", filing.CodeExplanationText: "TestWrongExplanations", filing.CodeExplanationTwice: "TestWrongExplanations", filing.CodeExplanationsMany: "TestTooManyExplanations", filing.CodeExplanationUnknown: "TestExplainedEvidence",
	filing.CodeOverrideRule: "TestOverride", filing.CodeOverrideUnknown: "TestOverride", filing.CodeOverrideReason: "TestOverride",
	filing.CodeOverrideTwice: "TestOverride", filing.CodeOverrideMissing: "TestOverride",
	filing.CodeLeaderElsewhere: "TestMatches", filing.CodePhoneElsewhere: "TestMatches", filing.CodeEmailElsewhere: "TestMatches",
	filing.CodeKindUnknown: "TestOpenAtFiling", filing.CodeFilingNotStanding: "TestOpenAtFiling", filing.CodeFilingForeign: "TestOpenAtFiling", filing.CodeFilingSiteUnknown: "TestOpenAtFiling",
	filing.CodeChangeShell: "TestChangeNotOffered", filing.CodeChangeSiteShell: "TestChangeNotOffered", filing.CodeChangeNotOurs: "TestChangeNotOffered",
	filing.CodeChangeAccess: "TestChangeNotOffered", filing.CodeChangeProvince: "TestChangeRefused", filing.CodeChangeCertificate: "TestChangeRefused",
	filing.CodeChangeSites: "TestChangeRefused", filing.CodeChangeDomain: "TestChangeRefused", filing.CodeChangesNothing: "TestChangeRefused", filing.CodeChangeNotFiled: "TestChangeRefused",
	filing.CodeFilingChanged: "TestStaleChange", filing.CodeCancelChanged: "TestOutdatedCancellation", filing.CodeProductNotAsked: "TestChangeOfAccess",
	filing.CodeFiledProvince: "TestOpeningDiffersFromFiling", filing.CodeFiledKind: "TestOpeningDiffersFromFiling", filing.CodeFiledName: "TestOpeningDiffersFromFiling",
	filing.CodeFiledExpired: "TestOpeningDiffersFromFiling", filing.CodeSubjectFixed: "TestAddSiteOwn",
	filing.CodePlanEnded: "TestAcceptedPlan",
	filing.CodeErased:    "TestErase", filing.CodeEraseOpen: "TestErase", filing.CodeEraseFiled: "TestErase", filing.CodeEraseTooEarly: "TestErase",
	filing.CodeEraseFilingDate: "TestErase",
	filing.CodeEraseNotFiled:   "TestErase",
	filing.CodeEraseHeld:       "TestHold", filing.CodeEraseUploaded: "TestErase", filing.CodeHoldReason: "TestHold", filing.CodeHoldStands: "TestHold",
	filing.CodeAppealReason: "TestAppealRefused", filing.CodeAppealLate: "TestAppealRefused", filing.CodeAppealTwice: "TestAppealUpheld",
	filing.CodeAppealNotRejected: "TestAppealRefused", filing.CodeAppealOwnVerdict: "TestAppealUpheld",
	filing.CodeAppealAnswer: "TestAppealUpheld", filing.CodeAppealNone: "TestAppealWithdrawn", filing.CodeTaskNote: "TestTasks", filing.CodeTaskNone: "TestTasks",
	filing.CodeNotByHand: "TestNotByHand", filing.CodeEntryMissing: "TestRecordEntry", filing.CodeEntryDate: "TestRecordEntry", filing.CodeResultRecorded: "TestRecordApproval",
	filing.CodeRefusalEmpty: "TestRecordRefusal", filing.CodeNumberMissing: "TestWrongNumbers", filing.CodeNumberMalformed: "TestWrongNumbers",
	filing.CodeNumberProvince: "TestWrongNumbers", filing.CodeNumberSubject: "TestWrongNumbers", filing.CodeNumberService: "TestWrongNumbers",
	filing.CodeNumberTwice: "TestWrongNumbers", filing.CodeNumberOfSite: "TestWrongNumbers", filing.CodeNumberKnown: "TestWrongNumbers", filing.CodeMinistryID: "TestWrongNumbers",
	filing.CodeMinistryIDTwice: "TestMinistryIDTwice", filing.CodeMinistryIDKnown: "TestNumbersOfCancellation",
	filing.CodeServiceUnknown: "TestServiceKinds", filing.CodeAppWithoutDomain: "TestServiceWithoutDomain", filing.CodeAppDataMissing: "TestAppDetails",
	filing.CodeAppDataOfSite: "TestAppDetails", filing.CodeAppHomeURL: "TestAppDetails", filing.CodeConsoleOnly: "TestServices", filing.DutyNumberInApp: "TestServices",
	filing.DutyFooterNumber: "TestDuties", filing.DutyFooterSubject: "TestDuties", filing.DutyCopyrightLine: "TestDuties",
	filing.DutyPublicSecurity: "TestDuties", filing.DutyLicence: "TestDuties",
	filing.DutyCloseSite: "TestCancellations", filing.DutyLeaveServer: "TestCancellations",
	filing.CodeCancelNotOurs: "TestConsequences", filing.CodeCancelShell: "TestConsequences", filing.CodeCancelOnlyAccess: "TestConsequences",
	filing.CodeEndsSubject: "TestConsequences", filing.CodeEndsAllSites: "TestConsequences", filing.CodeEndsSite: "TestConsequences", filing.CodeEndsLastSite: "TestConsequences",
	filing.CodeEndsOnlyAccess: "TestConsequences", filing.CodeEndsOtherAccess: "TestConsequences", filing.CodeEndsSlot: "TestConsequences", filing.CodeEndsAccess: "TestConsequences",
	filing.CodeCancelOneSite: "TestWrongCancellation", filing.CodeCancelWholeSubject: "TestWrongCancellation", filing.CodeCancelReason: "TestWrongCancellation",
	filing.CodeFormOfOtherOrder: "TestFormFindings", filing.CodeFormOfOtherPaper: "TestFormFindings", filing.CodeFormOlderTemplate: "TestFormFindings", filing.CodeFormDetailsChanged: "TestFormFindings", filing.CodeFormWithoutCode: "TestFormFindings",
	filing.CodeCancelRemark: "TestWrongCancellation", filing.CodeCancelUnconfirmed: "TestWrongCancellation", filing.CodeCancelConfirmed: "TestWrongCancellation",
}

// TestEveryCodeIsTested: a test produces each code that the package declares.
func TestEveryCodeIsTested(t *testing.T) {
	cases := map[finding.Code]bool{}
	for _, list := range [][]mistake{openings, details, laterDetails} {
		for _, m := range list {
			cases[m.code] = true
		}
	}
	tests := declaredTests(t)
	for code, test := range testOfCode {
		if cases[code] = tests[test]; !tests[test] {
			t.Errorf("testOfCode names the test %s, which does not exist", test)
		}
	}
	declared := declaredCodes(t)
	if len(declared) < 50 {
		t.Fatalf("only %d codes are declared", len(declared))
	}
	for _, code := range declared {
		if !cases[code] {
			t.Errorf("no test produces the code %s; add a case to details_test.go or an entry to testOfCode", code)
		}
	}
}

// parseFiles parses the package's files whose names satisfy wanted.
func parseFiles(t *testing.T, wanted func(name string) bool) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if !wanted(name) {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

func declaredTests(t *testing.T) map[string]bool {
	tests := map[string]bool{}
	for _, f := range parseFiles(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				tests[fn.Name.Name] = true
			}
		}
	}
	return tests
}

func declaredCodes(t *testing.T) []finding.Code {
	var codes []finding.Code
	for _, f := range parseFiles(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Type == nil || len(spec.Values) != 1 {
				return true
			}
			of, ok := spec.Type.(*ast.SelectorExpr)
			value, literal := spec.Values[0].(*ast.BasicLit)
			if ok && literal && of.Sel.Name == "Code" {
				text, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, finding.Code(text))
			}
			return true
		})
	}
	return codes
}

// TestDuties: the duties after approval by province and subject: footer, copyright line, licence, public-security filing (S21 to S24).
func TestDuties(t *testing.T) {
	for _, c := range []struct {
		app  func() filingtest.Application
		in   province.Code
		want []finding.Code
	}{
		{zhejiang, "", []finding.Code{filing.DutyFooterNumber, filing.DutyPublicSecurity}},
		{beijing, "", []finding.Code{filing.DutyFooterNumber, filing.DutyPublicSecurity, filing.DutyLicence}},
		{jiangsu, "", []finding.Code{filing.DutyFooterNumber, filing.DutyCopyrightLine, filing.DutyPublicSecurity, filing.DutyLicence}},
		{beijing, "44", []finding.Code{filing.DutyFooterSubject, filing.DutyPublicSecurity, filing.DutyLicence}},
	} {
		w := filingtest.OpenAt(t, c.app(), filingtest.December2019, filing.FollowUp)
		if c.in != "" {
			w.Order.Province = c.in
		}
		w.Decide(filing.Beian, filing.SetDuties{})
		got := map[finding.Code]bool{}
		for _, d := range w.Order.Duties {
			got[d.Code] = true
			if d.Code == filing.DutyPublicSecurity && !d.Due.Equal(w.At.AddDate(0, 0, 30)) {
				t.Errorf("the public-security filing is due on %s", d.Due)
			}
		}
		for _, code := range c.want {
			if !got[code] || len(got) != len(c.want) {
				t.Errorf("%s: %v, want %v", w.Order.Province, got, c.want)
			}
		}
	}
}

// TestCodesHaveWords: each code that the package declares is in the catalogue.
func TestCodesHaveWords(t *testing.T) {
	known := map[finding.Code]bool{}
	for _, e := range finding.Catalogue() {
		known[e.Code] = true
	}
	for _, code := range declaredCodes(t) {
		if !known[code] {
			t.Errorf("the catalogue has no words for %s", code)
		}
	}
	_, err := filing.Order{}.Apply(filing.Confirm{}, filingtest.Applicant, filingtest.December2019)
	if f := fault.Of(err); f.Kind != fault.Conflict || len(f.Findings) == 0 {
		t.Errorf("%v", err)
	}
}
