package markup_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"beian/shared/bureau/markup"
	"beian/shared/rules/gbk"
)

// trace reads a document to its end: "<a k=v> text </a>".
func trace(data []byte, charset markup.Charset) (string, error) {
	r, err := markup.NewReader(data, charset)
	if err != nil {
		return "", err
	}
	var seen strings.Builder
	for {
		token, err := r.Next()
		if errors.Is(err, io.EOF) {
			return seen.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch token.Kind {
		case markup.Start:
			seen.WriteString("<" + token.Name)
			for _, a := range token.Attributes {
				seen.WriteString(" " + a.Name + "=" + a.Value)
			}
			seen.WriteString(">")
		case markup.End:
			seen.WriteString("</" + token.Name + ">")
		case markup.Text:
			seen.WriteString(r.String(token))
		}
	}
}

func TestReader(t *testing.T) {
	for document, want := range map[string]string{
		"<a/>":                               "<a></a>",
		"<a><b>1</b><b/></a>":                "<a><b>1</b><b></b></a>",
		"\xef\xbb\xbf<a>é</a>":               "<a>é</a>",
		"<?xml version='1.0'?>\n<a>网</a>\n":  "<a>网</a>",
		"<?xml encoding=\"utf-8\"?><a></a >": "<a></a>",
		"<a k='1' l = \"&lt;&#x7f51;\"/>":    "<a k=1 l=<网></a>",
		"<a>&amp;&gt;&quot;&apos;&#65;</a>":  "<a>&>\"'A</a>",
		"<a><!-- <b> --><?pi?>x</a>":         "<a>x</a>",
		"<a><![CDATA[<b>&amp;]]]></a>":       "<a><b>&amp;]</a>",
	} {
		if got, err := trace([]byte(document), markup.Detected); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", document, got, err, want)
		}
	}
}

func TestReaderGBK(t *testing.T) {
	// 昡 is 95 5D in GBK: its second byte is a closing bracket.
	document, err := gbk.GBK.Append(nil, `<?xml version="1.0" encoding="GBK"?><a>网站<![CDATA[昡]>昡]]></a>`)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := trace(document, markup.Detected); err != nil || got != "<a>网站昡]>昡</a>" {
		t.Errorf("got %q, %v", got, err)
	}
	declaredWrong := `<?xml version="1.0" encoding="GBK"?><a>网站</a>`
	if got, err := trace([]byte(declaredWrong), markup.UTF8); err != nil || got != "<a>网站</a>" {
		t.Errorf("decoded already: got %q, %v", got, err)
	}
	if got, err := trace([]byte("<a>x\xff\xff\xca</a>"), markup.GBK); err != nil || got != "<a>x\ufffd\ufffd\ufffd</a>" {
		t.Errorf("bytes outside GBK: got %q, %v", got, err)
	}
}

func TestReaderRefuses(t *testing.T) {
	for _, document := range []string{
		"", " ", "x", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a/>x", "x<a/>", "<a", "<a ", "<a b", "<a b=", "<a b=1/>",
		"<a b='1/>", "<a b='1'c='2'/>", "<a b='<'/>", "<a b='1' b='2'/>", "< a/>", "<1/>", "<a></a", "<a><b></a></b>",
		"<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a><![CDATA[x</a>", "<a><!-- </a>",
		"<![CDATA[x]]>", "<?xml",
		strings.Repeat("<a>", markup.MaxDepth+1),
	} {
		got, err := trace([]byte(document), markup.Detected)
		var syntax *markup.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: got %q, %v", document, got, err)
		}
	}
}

// TestWrongTexts: wrong bytes, wrong declarations and wrong references in texts lose no other text.
func TestWrongTexts(t *testing.T) {
	inGBK := func(text string) string {
		encoded, err := gbk.GBK.Append(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		return string(encoded)
	}
	const after = "</b><c>网站</c></a>"
	for name, tc := range map[string]struct{ document, want string }{
		"GB2312":                      {`<?xml version="1.0" encoding="GB2312"?>` + inGBK("<a><b>网"+after), "<a><b>网" + after},
		"gb18030":                     {`<?xml version="1.0" encoding="gb18030"?>` + inGBK("<a><b>网"+after), "<a><b>网" + after},
		"an unknown name":             {`<?xml version="1.0" encoding="gb_2312-80"?>` + inGBK("<a><b>网"+after), "<a><b>网" + after},
		"no declaration":              {inGBK("<a><b>网" + after), "<a><b>网" + after},
		"GBK called UTF-8":            {`<?xml version="1.0" encoding="UTF-8"?>` + inGBK("<a><b>网"+after), "<a><b>网" + after},
		"UTF-8 called GBK":            {`<?xml version="1.0" encoding="GBK"?><a><b>网` + after, "<a><b>网" + after},
		"UTF-8 with BOM, called GBK":  {"\xef\xbb\xbf" + `<?xml version="1.0" encoding="GBK"?><a><b>网` + after, "<a><b>网" + after},
		"wrong bytes":                 {inGBK("<a><b>") + "\x80\xff\xca" + inGBK(after), "<a><b>€\ufffd\ufffd" + after},
		"half a character":            {inGBK("<a><b>网") + "\xcd" + inGBK(after), "<a><b>网\ufffd" + after},
		"a quarter of a character":    {inGBK("<a><b>") + "\x81\x30\x81" + inGBK(after), "<a><b>\ufffd0\ufffd" + after},
		"control characters":          {inGBK("<a><b>网\x00\x0b\x1f" + after), "<a><b>网\ufffd\ufffd\ufffd" + after},
		"an ampersand":                {inGBK("<a><b>A&B 网 &nbsp;&#0;&amp;&lt" + after), "<a><b>A&B 网 &nbsp;&#0;&&lt" + after},
		"half a character in a CDATA": {inGBK("<a><b><![CDATA[网") + "\xcd]]>" + inGBK(after), "<a><b>网\ufffd" + after},
	} {
		if got, err := trace([]byte(tc.document), markup.Detected); err != nil || got != tc.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestSkip(t *testing.T) {
	r, err := markup.NewReader([]byte("<a><b><c/>x</b><d/></a>"), markup.Detected)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a", "b", "d"} {
		token, err := r.Next()
		if err != nil || token.Name != want {
			t.Fatalf("got %v, %v; want %s", token, err, want)
		}
		if want == "b" {
			if err := r.Skip(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("<?xml version='1.0' encoding='GBK'?><a k='1'>x<b/><![CDATA[y]]></a>"))
	f.Add([]byte("<a>&#x4e00;</a>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, charset := range []markup.Charset{markup.Detected, markup.GBK, markup.UTF8} {
			_, _ = trace(data, charset)
		}
	})
}
