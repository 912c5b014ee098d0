package filing

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/text"
)

// Findings about characters: CodeCharacter for one that the bureau cannot read, CodeMixedScripts for a letter that stands for one of another
// script in a word, and CodeLookAlikes for texts that may be right, which the reviewer compares with the certificate.
const (
	CodeCharacter    finding.Code = "character-unreadable"
	CodeMixedScripts finding.Code = "text-mixed-scripts"
	CodeLookAlikes   finding.Code = "text-look-alikes"
)

// UnreadableCharacter returns the finding about a character that the bureau cannot read in the text at a pointer. It shows □ for a character
// without a glyph, such as one for private use, and a combining mark on ◌.
func UnreadableCharacter(character rune, pointer string) finding.Finding {
	shown := string(character)
	switch {
	case unicode.IsMark(character):
		shown = "◌" + shown
	case !unicode.IsGraphic(character):
		shown = "□"
	}
	return finding.New(CodeCharacter, pointer, "character", shown, "code", fmt.Sprintf("%U", character))
}

// checkCharacters returns a finding for each text of a value with a character that the bureau cannot read, else for one with a letter that
// looks like one of another script. It names the first of them. The value is the part of an application at a JSON pointer; every text of it
// goes to the bureau.
func checkCharacters(readable gbk.Repertoire, value any, pointer string) finding.List {
	return charactersIn(readable, reflect.ValueOf(value), pointer)
}

func charactersIn(readable gbk.Repertoire, value reflect.Value, pointer string) finding.List {
	var found finding.List
	switch value.Kind() {
	case reflect.String:
		if character, is := readable.Check(value.String()); is {
			return finding.List{UnreadableCharacter(character, pointer)}
		}
		if l, is := text.FindLookAlike(value.String()); is && value.Type() != reflect.TypeFor[contact.Email]() { // which checks its own
			code := CodeLookAlikes
			if l.Certain {
				code = CodeMixedScripts
			}
			return finding.List{finding.New(code, pointer, l.Placeholders()...)}
		}
	case reflect.Struct:
		for i := range value.NumField() {
			name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
			found = append(found, charactersIn(readable, value.Field(i), pointer+"/"+name)...)
		}
	case reflect.Slice:
		for i := range value.Len() {
			found = append(found, charactersIn(readable, value.Index(i), fmt.Sprintf("%s/%d", pointer, i))...)
		}
	}
	return found
}
