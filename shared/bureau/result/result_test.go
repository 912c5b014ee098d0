package result_test

import (
	"strconv"
	"strings"
	"testing"

	"beian/shared/bureau/result"
	"beian/shared/rules/finding"
)

// The result codes of MIIT-IF30 6.2, without gaps within each range.
var listed = [][2]int64{
	{1001, 1068}, {1999, 1999}, {2001, 2056}, {2998, 2999}, {3001, 3037}, {3998, 3999}, {5001, 5011}, {5999, 5999},
}

func TestEveryListedCodeIsThere(t *testing.T) {
	catalogue := map[finding.Code]finding.Entry{}
	for _, e := range finding.Catalogue() {
		catalogue[e.Code] = e
	}
	for _, span := range listed {
		for number := span[0]; number <= span[1]; number++ {
			c, known := result.Lookup(number)
			if !known || c.Text == "" || c.Actor == "" {
				t.Errorf("%d: %+v", number, c)
			}
			e, worded := catalogue[c.FindingCode()]
			if !worded || (e.Severity == finding.Inform) != c.Success {
				t.Errorf("%d: catalogue has %+v", number, e)
			}
			if c.Internal != (number >= 2000 && number < 4000) {
				t.Errorf("%d: internal is %t", number, c.Internal)
			}
			if c.Pointer != "" && !strings.HasPrefix(c.Pointer, "/") {
				t.Errorf("%d: pointer %q", number, c.Pointer)
			}
		}
	}
	for code := range catalogue {
		if digits, is := strings.CutPrefix(string(code), "bureau-"); is {
			number, err := strconv.ParseInt(digits, 10, 64)
			if err != nil {
				continue // our own rule about bureaus
			}
			if _, known := result.Lookup(number); !known {
				t.Errorf("%s is in the catalogue only", code)
			}
		}
	}
}

func TestSuccessCodes(t *testing.T) {
	for number, want := range map[int64]bool{1001: true, 1060: true, 1062: true, 1002: false, 5001: false, 1999: false} {
		if c, _ := result.Lookup(number); c.Success != want {
			t.Errorf("%d: success is %t", number, c.Success)
		}
	}
}

func TestFindingPointsAtTheOnlySite(t *testing.T) {
	c, _ := result.Lookup(1041)
	if f := c.Finding(1); f.Pointer != "/sites/0/homeUrl" || f.Code != "bureau-1041" || f.Severity != finding.Block {
		t.Errorf("one site: %+v", f)
	}
	if f := c.Finding(3); f.Pointer != "/sites" {
		t.Errorf("three sites: %+v", f)
	}
	c, _ = result.Lookup(1015)
	if f := c.Finding(3); f.Pointer != "/subject/certificate/number" {
		t.Errorf("subject: %+v", f)
	}
	c, known := result.Lookup(4711)
	if f := c.Finding(1); known || c.Actor != result.Reviewer || f.Code != "bureau-1999" || f.Pointer != "" {
		t.Errorf("unknown: %+v", f)
	}
}

func TestEveryMessageHasADisposition(t *testing.T) {
	for m := range 1000 {
		message := result.Message(m)
		want := m <= 22 || m == 901 || m == 902 || m == 999
		if message.Known() != want || message.Words().Chinese == "" || message.Words().English == "" {
			t.Errorf("%d: known %t", m, message.Known())
		}
		if !want && message.Disposition() != result.Stop {
			t.Errorf("%d: the unknown code is %s", m, message.Disposition())
		}
	}
	for message, want := range map[result.Message]result.Disposition{
		result.OK: result.Done, result.NothingToDownload: result.Done, result.QueueFull: result.RetryLater,
		result.SequenceGap: result.Settle, result.Unknown: result.Settle, result.TooLarge: result.FixAndResend,
		result.WrongPassword: result.Stop, result.UploadMaintenance: result.RetryLater,
	} {
		if got := message.Disposition(); got != want {
			t.Errorf("%d: %s, want %s", message, got, want)
		}
	}
	if result.Unknown.Known() {
		t.Error("Unknown is a code of the bureau")
	}
}
