package filing_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
)

// eachText calls do for every text of a value, with its JSON pointer. The text can be set.
func eachText(value reflect.Value, pointer string, do func(text reflect.Value, pointer string)) {
	switch value.Kind() {
	case reflect.String:
		do(value, pointer)
	case reflect.Struct:
		for i := range value.NumField() {
			name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
			eachText(value.Field(i), pointer+"/"+name, do)
		}
	case reflect.Slice:
		for i := range value.Len() {
			eachText(value.Index(i), fmt.Sprintf("%s/%d", pointer, i), do)
		}
	}
}

// TestUnreadableCharacterIsShown: the finding shows something for a character that a phone does not.
func TestUnreadableCharacterIsShown(t *testing.T) {
	for character, want := range map[rune]string{'𬭎': "“𬭎”", '\ue863': "“□”", '\u0378': "“□”", '\u0301': "“◌\u0301”"} {
		f := filing.UnreadableCharacter(character, "/name")
		if !strings.Contains(f.Message.Chinese, want) || !strings.Contains(f.Message.English, fmt.Sprintf("%s (%U)", want, character)) {
			t.Errorf("%U: %+v", character, f.Message)
		}
	}
}

// TestUnreadableCharacters: each text of the details is checked at its field, and the finding names the character.
func TestUnreadableCharacters(t *testing.T) {
	for _, bad := range []string{"示例𬭎", "🪵", "𰻝𰻝", "示例䶮", "5 €"} {
		w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectDetails)
		type document struct {
			Subject filing.Subject `json:"subject"`
			Sites   []filing.Site  `json:"sites"`
		}
		d := document{w.App.Subject, slices.Clone(w.App.Sites)}
		d.Sites[0].PreApprovals = []filing.PreApproval{{Number: "x"}}
		texts := 0
		eachText(reflect.ValueOf(&d).Elem(), "", func(text reflect.Value, pointer string) {
			texts++
			before := text.String()
			text.SetString(bad)
			found := w.Order.CheckDetails(d.Subject, d.Sites, w.At)
			text.SetString(before)
			named := slices.IndexFunc(found, func(f finding.Finding) bool {
				return f.Code == filing.CodeCharacter && f.Pointer == pointer && f.Severity == finding.Block
			})
			if named < 0 || !strings.ContainsAny(found[named].Message.Chinese, bad) || !strings.ContainsAny(found[named].Message.English, bad) {
				t.Errorf("%q at %s: %v", bad, pointer, found)
			}
		})
		if texts < 25 {
			t.Errorf("%d texts", texts)
		}
	}
}

// TestUnreadableName: a name that the bureau cannot read is refused when the order is opened. The substitute is accepted, and so is
// the name itself where the bureau reads GB18030.
func TestUnreadableName(t *testing.T) {
	for _, tc := range []struct {
		name     person.Name
		readable gbk.Repertoire
		want     finding.Code // "" if accepted
	}{
		{"示例𬭎", gbk.GBK, filing.CodeCharacter},
		{"示例䶮", gbk.GBK, filing.CodeCharacter},
		{"示例〇", gbk.GBK, ""},
		{"示例镕", gbk.GBK, ""},
		{"示例𬭎", gbk.GB18030, ""},
		{"示例䶮", gbk.GB18030, ""},
	} {
		app := filingtest.IndividualZhejiang()
		app.Opening.Name = tc.name
		in := app.OpenInput("01JCZK3V7M8N9P0Q1R2S3T4V5W")
		in.Characters = tc.readable
		c, err := filing.Open(in, filingtest.Applicant, filingtest.December2019)
		var want []finding.Code
		if tc.want != "" {
			want = []finding.Code{tc.want}
		}
		var found finding.List
		if f, ok := errors.AsType[*fault.Fault](err); ok {
			found = f.Findings
		}
		if got := codesIn(found); !slices.Equal(got, want) {
			t.Errorf("%s: %v", tc.name, err)
		}
		if err == nil && c.Order.Characters != tc.readable {
			t.Errorf("%s: the order has %q", tc.name, c.Order.Characters)
		}
	}
}

// TestInvisibleCharacters: invisible characters around a text, as people paste them, change nothing in any text of the details.
func TestInvisibleCharacters(t *testing.T) {
	type document struct {
		Subject filing.Subject `json:"subject"`
		Sites   []filing.Site  `json:"sites"`
	}
	stored := func(change func(*document)) document {
		w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectDetails)
		d := document{w.App.Subject, w.App.Sites}
		change(&d)
		w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: d.Subject, Sites: d.Sites})
		return document{w.Order.Private.Subject, w.Order.Private.Sites}
	}
	want := stored(func(*document) {})
	got := stored(func(d *document) {
		eachText(reflect.ValueOf(d).Elem(), "", func(text reflect.Value, _ string) {
			if text.String() != "" {
				text.SetString("\ufeff\u202d " + text.String() + "\u200b\u00ad\ufe0f\r\n\u202c")
			}
		})
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the details differ:\n%s", diff)
	}
}

// TestCodesAsTyped: province and division may come with spaces, in full width, or as the longer codes that statistics use.
func TestCodesAsTyped(t *testing.T) {
	for _, typed := range []string{"11", " １１ ", "110000", "11\u200b"} {
		app := filingtest.EnterpriseBeijing()
		app.Opening.Province = province.Code(typed)
		if got := app.Opening.Normalize().Province; got != "11" {
			t.Errorf("%q became %q", typed, got)
		}
	}
	for _, typed := range []string{"１１０１０５", "1101 05", "110105000000", "110105003"} {
		w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectDetails)
		w.App.Subject.Division = typed
		w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
		if got := w.Order.Private.Subject.Division; got != "110105" {
			t.Errorf("%q became %q", typed, got)
		}
	}
}
