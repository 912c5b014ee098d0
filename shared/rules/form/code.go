package form

import (
	"encoding/base32"
	"encoding/hex"
	"strings"

	"github.com/oklog/ulid/v2"

	"beian/shared/rules/evidence"
	"beian/shared/rules/pattern"
)

// A Code is what the QR code on a printed form contains. It has no personal data: Digest is a part of a keyed hash.
type Code struct {
	Order    string
	Slot     evidence.Slot // for which the form was printed
	Template string        // ID of the template
	Digest   string        // of the data that were printed: 16 letters and digits; see [NewDigest]
}

// codePrefix begins the text of a code. The number is that of its format.
const codePrefix = "BEIAN/FORM/1/"

// digestLength is the number of characters of a digest: 80 bits.
const digestLength = 16

var digestForm = pattern.New(`^[A-Z2-7]{16}$`)

// NewDigest returns the digest for a keyed hash in hex of at least 80 bits.
func NewDigest(keyedHash string) string {
	hash, err := hex.DecodeString(keyedHash)
	if err != nil {
		panic(err) // the caller computed it
	}
	return base32.StdEncoding.EncodeToString(hash[:10])[:digestLength]
}

// String returns the text of the QR code. It has only capitals, digits and "/.-", which a QR code stores in the least space.
func (c Code) String() string {
	return codePrefix + strings.ToUpper(c.Order+"/"+c.Template+"/"+c.Digest+"/"+string(c.Slot))
}

// ParseCode parses the text of a QR code. ok is false for the codes of other documents, and for texts that no form has.
func ParseCode(text string) (c Code, ok bool) {
	rest, ok := strings.CutPrefix(text, codePrefix)
	if !ok {
		return Code{}, false
	}
	fields := strings.SplitN(rest, "/", 4)
	if len(fields) != 4 {
		return Code{}, false
	}
	slot, err := evidence.ParseSlot(strings.ToLower(fields[3]))
	if _, wrong := ulid.ParseStrict(fields[0]); err != nil || wrong != nil || !idForm().MatchString(fields[1]) || !digestForm().MatchString(fields[2]) {
		return Code{}, false
	}
	c = Code{Order: fields[0], Template: strings.ToLower(fields[1]), Digest: fields[2], Slot: slot}
	return c, c.String() == text
}
