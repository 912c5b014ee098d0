package schema_test

import (
	"errors"
	"strings"
	"testing"

	"beian/shared/bureau/markup"
	"beian/shared/bureau/schema"
	"beian/shared/rules/gbk"
)

type letter struct {
	Kind  string   `wire:"@kind"`
	To    string   `wire:"To S[1..5]"`
	Notes []string `wire:"Notes?/Note{1,2} S[1..3]"`
	Pages []page   `wire:"P*/Page"`
	Seal  *seal    `wire:"Seal? choice"`
	Count *int64   `wire:"Count? L[0..9]"`
}

type page struct {
	Number int64  `wire:"No L[1..9]"`
	Image  []byte `wire:"Image? B[1..8]"`
}

type seal struct {
	Red   string `wire:"Red? S"`
	Black string `wire:"Black? S"`
}

func TestAppendAndDecode(t *testing.T) {
	zero := int64(0)
	l := letter{
		Kind: `a"b`, To: "<&>", Notes: []string{"一", "\r"}, Seal: &seal{Red: "x"}, Count: &zero,
		Pages: []page{{1, []byte{1, 2, 3}}, {2, nil}},
	}
	text, err := schema.Append(nil, "Letter", gbk.GBK, &l)
	if err != nil {
		t.Fatal(err)
	}
	want := schema.Declaration(gbk.GBK) + `<Letter kind="a&quot;b"><To>&lt;&amp;&gt;</To><Notes><Note>` + "\xd2\xbb" + `</Note>` +
		`<Note>&#13;</Note></Notes><P><Page><No>1</No><Image>AQID</Image></Page></P><P><Page><No>2</No></Page></P>` +
		`<Seal><Red>x</Red></Seal><Count>0</Count></Letter>`
	if string(text) != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	var back letter
	problems, err := schema.Decode(text, "Letter", &back)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	if back.Kind != l.Kind || back.To != l.To || back.Notes[1] != "\r" || *back.Count != 0 || len(back.Pages) != 2 {
		t.Errorf("%+v", back)
	}
	if problems := schema.Check("Letter", gbk.GBK, &back); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestTextInSeveralTokens(t *testing.T) {
	var l letter
	problems, err := schema.Decode([]byte(`<Letter><To>a<!-- b --><![CDATA[<c]]>d</To>`+
		`<P><Page><No> 3 </No><Image>AQ<!-- -->ID</Image></Page></P></Letter>`), "Letter", &l)
	if err != nil || len(problems) > 0 || l.To != "a<cd" || l.Pages[0].Number != 3 || string(l.Pages[0].Image) != "\x01\x02\x03" {
		t.Errorf("%+v, %v, %v", l, problems, err)
	}
}

func TestDecodeReportsDeviations(t *testing.T) {
	for text, want := range map[string]string{
		`<To>a</To><P/>`: "L/P[1]/Page: missing",
		`<To>a</To><P><Page><No>1</No></Page><Page/></P>`:                     "L/P[1]/Page: count 1..",
		`<To>a</To><P><X/></P>`:                                               "L/P[1]/X: unknown",
		`<To>a</To><Notes/>`:                                                  "L/Notes/Note: missing",
		`<To>a</To><Notes>x</Notes>`:                                          "L/Notes: format text between elements",
		`<To>a</To><Notes><Note>a</Note></Notes><Notes/>`:                     "L/Notes: count 0..1",
		`<Count>1</Count><To>a</To>`:                                          "L/To: order",
		`<To lang="zh">a</To>`:                                                "L/To/@lang: unknown",
		`<To>a</To><P><Page n="1"><No>1</No></Page></P>`:                      "L/P[1]/Page/@n: unknown",
		`<To>a</To><P n="1"><Page><No>1</No></Page></P>`:                      "L/P[1]/@n: unknown",
		`<To>a<b/></To>`:                                                      "L/To/b: unknown",
		`<To>a</To><To>b</To>`:                                                "L/To: count 1..1",
		`<To>a</To><Count>99999999999999999999</Count>`:                       "L/Count: range 0..9",
		`<To>a</To><P><Page><No>1</No><Image/></Page></P>`:                    "L/P[1]/Page/Image: length 1..",
		`<To>a</To><Notes><Note>a</Note><Note>b</Note><Note>c</Note></Notes>`: "L/Notes/Note[3]: count 1..2",
	} {
		var l letter
		problems, err := schema.Decode([]byte("<L>"+text+"</L>"), "L", &l)
		if err != nil || len(problems) == 0 || problems[0].String() != want {
			t.Errorf("%s: %v, %v; want %s", text, problems, err, want)
		}
	}
	var l letter
	if problems, err := schema.Decode([]byte(`<L kind="x" xmlns:xsi="urn:x" xsi:type="y" other="z"><To xmlns="">a</To></L>`), "L", &l); err != nil ||
		len(problems) != 1 || problems[0].Path != "L/@other" {
		t.Errorf("attributes: %v, %v", problems, err)
	}
	var syntax *markup.SyntaxError
	if _, err := schema.Decode([]byte("<M/>"), "L", &l); !errors.As(err, &syntax) {
		t.Errorf("another root: %v", err)
	}
}

func TestCheck(t *testing.T) {
	nine := int64(10)
	l := letter{
		To: strings.Repeat("长", 6), Notes: []string{"a", "b", "c"}, Seal: &seal{}, Count: &nine,
		Pages: []page{{10, make([]byte, 7)}},
	}
	want := []string{
		"L/To: length 1..5", "L/Notes/Note: count 1..2", "L/P[1]/Page/No: range 1..9",
		"L/P[1]/Page/Image: size 1..8", "L/Seal: choice", "L/Count: range 0..9",
	}
	problems := schema.Check("L", gbk.GBK, &l)
	if len(problems) != len(want) {
		t.Fatal([]schema.Problem(problems))
	}
	for i, p := range problems {
		if p.String() != want[i] {
			t.Errorf("got %s, want %s", p, want[i])
		}
	}
	if problems.Err() == nil || (schema.Problems{}).Err() != nil || !strings.Contains(problems.Error(), "6 problems") {
		t.Error("problems as an error")
	}
}

func TestBadTagsPanic(t *testing.T) {
	for name, v := range map[string]any{
		"form": &struct {
			A string `wire:"A S[1..2] tune"`
		}{},
		"grammar": &struct {
			A string `wire:"A S[1-2]"`
		}{},
		"many in one": &struct {
			A string `wire:"A+ S"`
		}{},
		"optional struct by value": &struct {
			A page `wire:"A?"`
		}{},
		"integer in text": &struct {
			A string `wire:"A L"`
		}{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			schema.Check("X", gbk.GBK, v)
		}()
	}
}
