package filing

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
)

// CodeCharacter is the code for a text with a character that the bureau cannot read.
const CodeCharacter finding.Code = "character-unreadable"

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

// checkCharacters returns a finding for each text of a value with a character that the bureau cannot read. It names the first of
// them. The value is the part of an application at a JSON pointer; every text of it goes to the bureau.
func checkCharacters(readable gbk.Repertoire, value any, pointer string) finding.List {
	return unreadable(readable, reflect.ValueOf(value), pointer)
}

func unreadable(readable gbk.Repertoire, value reflect.Value, pointer string) finding.List {
	var found finding.List
	switch value.Kind() {
	case reflect.String:
		if character, is := readable.Check(value.String()); is {
			found = append(found, UnreadableCharacter(character, pointer))
		}
	case reflect.Struct:
		for i := range value.NumField() {
			name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
			found = append(found, unreadable(readable, value.Field(i), pointer+"/"+name)...)
		}
	case reflect.Slice:
		for i := range value.Len() {
			found = append(found, unreadable(readable, value.Index(i), fmt.Sprintf("%s/%d", pointer, i))...)
		}
	}
	return found
}
