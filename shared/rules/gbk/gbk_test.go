package gbk_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/gbk"
)

var update = flag.Bool("update", false, "write common.bin")

// tables reads testdata: for each table, the bytes of each character in hexadecimal.
func tables(t *testing.T) []map[rune]string {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txt.gz")
	if err != nil || len(names) != 4 {
		t.Fatalf("%d tables, %v", len(names), err)
	}
	var all []map[rune]string
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		table := map[rune]string{}
		for lines := bufio.NewScanner(unzipped); lines.Scan(); {
			var character rune
			var code string
			if _, err := fmt.Sscanf(lines.Text(), "%X %s", &character, &code); err != nil {
				t.Fatalf("%s: %q: %v", name, lines.Text(), err)
			}
			table[character] = code
		}
		all = append(all, table)
	}
	return all
}

// commonCode returns the bytes with which all tables encode a character, in hexadecimal; "" if they differ, or one has none. Characters for private use have none.
func commonCode(all []map[rune]string, character rune) string {
	code := all[0][character]
	for _, table := range all {
		if table[character] != code || unicode.Is(unicode.Co, character) {
			return ""
		}
	}
	return code
}

// TestCommon: the file with the characters that all tables encode alike is made from the tables.
func TestCommon(t *testing.T) {
	all, bits := tables(t), make([]byte, 0x10000/8)
	for character := rune(0x80); character < 0x10000; character++ {
		if commonCode(all, character) != "" {
			bits[character/8] |= 1 << (character % 8)
		}
	}
	if *update {
		if err := os.WriteFile("common.bin", bits, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("common.bin"); err != nil || !bytes.Equal(got, bits) {
		t.Errorf("common.bin is out of date; run go test ./shared/rules/gbk -update: %v", err)
	}
}

// TestTables compares every character of Unicode with the four tables: it is sent if, and as, all four encode it alike.
func TestTables(t *testing.T) {
	all := tables(t)
	sent := 0
	for character := rune(0x80); character <= unicode.MaxRune; character++ {
		if !utf8.ValidRune(character) {
			continue
		}
		want := commonCode(all, character)
		first, found := gbk.GBK.Check("a" + string(character))
		encoded, err := gbk.GBK.Append(nil, string(character))
		if got := fmt.Sprintf("%X", encoded); got != want || found != (want == "") || found && first != character || (err != nil) != found {
			t.Errorf("%U %c: % X, %v, want %s", character, character, encoded, err, want)
		}
		if want == "" {
			continue
		}
		sent++
		if text, replaced := gbk.Decode(encoded); text != string(character) || replaced != 0 {
			t.Errorf("%U: read as %q", character, text)
		}
	}
	if sent != 21_790 {
		t.Errorf("%d characters beyond ASCII", sent)
	}
}

func TestErrorNamesTheCharacter(t *testing.T) {
	for text, want := range map[string]rune{
		"公司😀有限": '😀', "示例𬭎": '𬭎', "示例䶮": '䶮', "𠮷野家": '𠮷', "a\xffb": utf8.RuneError, "price é £": '£', "5 €": '€',
		"\ufffd mark": utf8.RuneError, "\ue000": '\ue000',
	} {
		dst, err := gbk.GBK.Append([]byte("x"), text)
		outside, ok := errors.AsType[*gbk.CharacterError](err)
		if !ok || outside.Character != want || string(dst) != "x" {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), text) {
			t.Errorf("the error contains the text: %v", err)
		}
	}
}

func TestGB18030(t *testing.T) {
	for _, text := range []string{"示例𬭎", "示例䶮", "😀", "5 €", "é"} {
		if _, found := gbk.GB18030.Check(text); found {
			t.Errorf("%q is refused", text)
		}
		encoded, err := gbk.GB18030.Append(nil, text)
		if back, replaced := gbk.Decode(encoded); err != nil || back != text || replaced != 0 {
			t.Errorf("%q came back as %q, %v", text, back, err)
		}
	}
	if _, found := gbk.GB18030.Check("\ue000"); !found {
		t.Error("a character for private use is accepted")
	}
}

func TestDecodeReplaces(t *testing.T) {
	for data, want := range map[string]string{
		"\xff": "\ufffd", "a\x81": "a\ufffd", "\xca\xbe\xff\xc0\xfd": "示\ufffd例", "\xca\xbe\xaa\xa1\xc0\xfd": "示\ufffd例", "a\x80b": "a€b",
	} {
		if text, replaced := gbk.Decode([]byte(data)); text != want || replaced != strings.Count(want, "\ufffd") {
			t.Errorf("% x became %q with %d replaced", data, text, replaced)
		}
	}
}

func FuzzGBK(f *testing.F) {
	for _, seed := range []string{"", "网站停用", "€", "㐀", "镕", "a\x00b", "\xff", "😀", "示例䶮"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, repertoire := range []gbk.Repertoire{gbk.GBK, gbk.GB18030} {
			encoded, err := repertoire.Append(nil, text)
			if _, found := repertoire.Check(text); found != (err != nil) {
				t.Fatalf("%q: found %v, but %v", text, found, err)
			}
			if err != nil {
				continue
			}
			if back, replaced := gbk.Decode(encoded); back != text || replaced != 0 {
				t.Fatalf("%q came back as %q", text, back)
			}
		}
		if decoded, replaced := gbk.Decode([]byte(text)); !utf8.ValidString(decoded) || strings.Count(decoded, "\ufffd") != replaced {
			t.Fatalf("% x became %q with %d replaced", text, decoded, replaced)
		}
	})
}
