// Package strictjson reads JSON from outside more strictly than package encoding/json, which accepts a name twice in one object and uses
// the last value, and which matches names whatever their case. Another reader of the same document may use the first value, and a check
// that one reader makes then says nothing about what the other acts on (RFC 8259, 4).
//
//	if err := strictjson.Unmarshal(answer, &a); err != nil { … }
//
// [Unmarshal] is for the answers of partners, who may add names; [UnmarshalExact] for requests, which have the names agreed and no other;
// [UnmarshalEmbedded] for the program's own files; [UnmarshalSettings] for what operators set; [Check] for documents that are decoded otherwise; [Walk] for checks that need the place of
// each value. Bytes that are not UTF-8, a byte order mark, comments, NaN, and text after the document are errors.
package strictjson

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a document, and of the pointers to its values.
const (
	maxDepth   = 100
	maxToken   = 64  // bytes of a name in a pointer
	maxPointer = 256 // bytes of a pointer
)

// ErrInvalid is the error for a document that is not JSON in UTF-8, or is nested too deeply.
var ErrInvalid = errors.New("not JSON")

// A NameError lists names that a document must not have.
type NameError struct {
	Pointers []string // JSON pointers, at most ten
}

// Error returns the pointers.
func (e *NameError) Error() string {
	return "unknown or given twice: " + strings.Join(e.Pointers, ", ")
}

// Check returns a [*NameError] if names of one object are equal or differ only in case, and [ErrInvalid] if the document is not JSON.
func Check(document []byte) error {
	var wrong []string
	err := Walk(document, Visitor{Fold: true, Repeated: func(pointer func() string) bool {
		wrong = append(wrong, pointer())
		return len(wrong) < maxNames
	}})
	if err == nil && len(wrong) > 0 {
		return &NameError{wrong}
	}
	return err
}

// Unmarshal checks a document and decodes it into a value. It ignores unknown names.
func Unmarshal(document []byte, into any) error {
	if err := Check(document); err != nil {
		return err
	}
	return json.Unmarshal(document, into)
}

// UnmarshalExact is [Unmarshal] for an object that has no other names than those given, in this case.
func UnmarshalExact(document []byte, into any, names ...string) error {
	if err := Unmarshal(document, into); err != nil {
		return err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(document, &object); err != nil {
		return err
	}
	var wrong []string
	for name := range object {
		if !slices.Contains(names, name) && len(wrong) < maxNames {
			wrong = append(wrong, Pointer(name))
		}
	}
	slices.Sort(wrong)
	if len(wrong) > 0 {
		return &NameError{wrong}
	}
	return nil
}

// UnmarshalEmbedded decodes a file of this program into a value. Names that the value's type does not have, and text after the document, are
// errors. It does not look for names given twice, which takes as long again at each start: [Check] does, in a test of the files.
func UnmarshalEmbedded(document []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the JSON value")
	}
	return nil
}

// UnmarshalSettings decodes settings of an operator into a value. Names that the value's type does not have, names given twice, and text after the settings are
// errors, in English and Chinese.
func UnmarshalSettings(settings string, into any) error {
	if err := cmp.Or(UnmarshalEmbedded([]byte(settings), into), Check([]byte(settings))); err != nil {
		return fmt.Errorf("is not JSON with settings: %w / 不是含有设置的 JSON", err)
	}
	return nil
}

// maxNames limits the pointers of a NameError.
const maxNames = 10

// A Visitor receives what [Walk] finds. The argument pointer returns the JSON pointer of the value, as [Pointer] writes it. A function that
// returns false ends the walk. A nil function is not called.
type Visitor struct {
	// Scalar is called for each text, number, truth value and null.
	Scalar func(value json.Token, pointer func() string) bool
	// Repeated is called for each name that its object had before.
	Repeated func(pointer func() string) bool
	// Fold makes names that differ only in case equal, as they are for encoding/json.
	Fold bool
}

// Walk visits the values of a document in their order. It returns [ErrInvalid] for a document that is not JSON; values before the error
// were visited.
func Walk(document []byte, v Visitor) error {
	if !utf8.Valid(document) {
		return ErrInvalid
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	w := walker{Visitor: v, decoder: d}
	switch err := w.visitValue(); {
	case errors.Is(err, errStop):
		return nil
	case err != nil:
		return ErrInvalid
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrInvalid
	}
	return nil
}

// errStop ends a walk early.
var errStop = errors.New("stop")

// A walker is a walk in progress.
type walker struct {
	Visitor
	decoder *json.Decoder
	path    []string // names and indexes of the current value
}

func (w *walker) pointer() string { return Pointer(w.path...) }

func (w *walker) visitValue() error {
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		if w.Scalar != nil && !w.Scalar(token, w.pointer) {
			return errStop
		}
		return nil
	}
	if len(w.path) == maxDepth {
		return ErrInvalid
	}
	seen := map[string]bool{}
	for i := 0; w.decoder.More(); i++ {
		w.path = append(w.path, strconv.Itoa(i))
		if open == '{' {
			if err := w.visitName(seen); err != nil {
				return err
			}
		}
		if err := w.visitValue(); err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
	_, err = w.decoder.Token()
	return err
}

// visitName reads a name, which becomes the last element of the path.
func (w *walker) visitName(seen map[string]bool) error {
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	name, ok := token.(string)
	if !ok {
		return ErrInvalid
	}
	w.path[len(w.path)-1] = name
	if w.Fold {
		name = strings.ToLower(strings.ToUpper(name)) // both: ſ is s, and the sign of Kelvin is k
	}
	if seen[name] && w.Repeated != nil && !w.Repeated(w.pointer) {
		return errStop
	}
	seen[name] = true
	return nil
}

// Pointer returns the JSON pointer (RFC 6901) with the given names, as it may be shown: without characters that cannot be printed, long
// names shortened, and ending at the last name that fits into 256 bytes. A pointer that had to be shortened leads to the object around
// the value, or nowhere.
func Pointer(names ...string) string {
	var text strings.Builder
	for _, name := range names {
		token := "/" + escape(Shorten(name))
		if text.Len()+len(token) > maxPointer {
			break
		}
		text.WriteString(token)
	}
	return text.String()
}

var escape = strings.NewReplacer("~", "~0", "/", "~1").Replace

// Shorten returns a name from outside as it may be shown: at most 64 bytes, without characters that cannot be printed or that change the
// direction of the text; "?" if nothing is left.
func Shorten(name string) string {
	name = strings.ToValidUTF8(name[:min(len(name), 4*maxToken)], "")
	name = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if len(name) <= maxToken {
		return cmp.Or(name, "?")
	}
	end := maxToken - len("…")
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end] + "…"
}
