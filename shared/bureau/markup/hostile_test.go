package markup_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"beian/shared/bureau/markup"
)

// TestHostileTexts reads documents that a reader with quadratic work does not finish within the time of a test.
func TestHostileTexts(t *testing.T) {
	const size = 4 << 20
	for name, body := range map[string]string{
		"references that do not end":                 strings.Repeat("&", size),
		"references with zeros":                      strings.Repeat("&#0000000000", size/12),
		"CDATA that ends in half a character":        strings.Repeat("<![CDATA[\x81]]>", size/13),
		"comments":                                   strings.Repeat("<!---->", size/7),
		"comments that do not end":                   strings.Repeat("<!--", size/4),
		"brackets in CDATA":                          "<![CDATA[" + strings.Repeat("]", size),
		"half characters":                            strings.Repeat("\x81", size),
		"empty elements":                             strings.Repeat("<a/>", size/4),
		"one element with many spaces":               "<a" + strings.Repeat(" ", size) + "/>",
		"nested elements":                            strings.Repeat("<a>", size/3),
		"many attributes":                            "<a" + strings.Repeat(` b=""`, size/5) + "/>",
		"instructions":                               strings.Repeat("<??>", size/4),
		"a name without an end":                      "<" + strings.Repeat("a", size),
		"an entity that contains an entity's entity": `<!DOCTYPE a [<!ENTITY b "&c;&c;">]>`,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := markup.NewReader([]byte("<root>"+body+"</root>"), markup.Detected)
			for tokens := 0; err == nil; tokens++ {
				var token markup.Token
				if token, err = r.Next(); token.Kind == markup.Text {
					r.String(token)
				}
				if tokens > size {
					t.Fatal("more tokens than bytes")
				}
			}
			var syntax *markup.SyntaxError
			if !errors.Is(err, io.EOF) && !errors.As(err, &syntax) {
				t.Error(err)
			}
		})
	}
}
