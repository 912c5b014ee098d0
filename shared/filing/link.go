package filing

import (
	"math/big"
	"strings"
	"time"

	"beian/shared/rules/workday"
)

// The digits of an id, which is a ULID (Crockford's base 32), and of a link.
const (
	idDigits   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	linkDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

	idLength   = 26
	linkLength = 22
)

// Link returns the id as it stands in the short links of an SMS: 22 letters and digits instead of 26. Nothing is stored for it, and it is as hard to guess as
// the id, which has 80 random bits (ADR 65). An id that is no ULID is returned unchanged.
func (id ID) Link() string {
	if link, ok := convertDigits(string(id), idDigits, idLength, linkDigits, linkLength); ok {
		return link
	}
	return string(id)
}

// ParseLink returns the id of the order that a short link names. It returns false for a text that [ID.Link] returns for no id.
func ParseLink(link string) (ID, bool) {
	id, ok := convertDigits(link, linkDigits, linkLength, idDigits, idLength)
	return ID(id), ok && id[0] <= '7' // a ULID has 128 bits, not 130
}

// convertDigits writes a number of a fixed length with other digits. It returns false if the text has another length or other digits, or if the number does
// not fit into the length that is wanted.
func convertDigits(text, from string, length int, to string, want int) (string, bool) {
	if len(text) != length {
		return "", false
	}
	value, base := new(big.Int), big.NewInt(int64(len(from)))
	for _, c := range text {
		digit := strings.IndexRune(from, c)
		if digit < 0 {
			return "", false
		}
		value.Add(value.Mul(value, base), big.NewInt(int64(digit)))
	}
	out, digit := make([]byte, want), new(big.Int)
	base.SetInt64(int64(len(to)))
	for i := want - 1; i >= 0; i-- {
		value.DivMod(value, base, digit)
		out[i] = to[digit.Int64()]
	}
	return string(out), value.Sign() == 0
}

// LinkEnded reports whether the short links of the order are dead: it was closed without a filing, and the applicant can contest that no longer, or its
// filing has ended, or it is erased. The links of an approved order lead to its number and duties.
func (o Order) LinkEnded(at time.Time) bool {
	switch {
	case o.Erasure != nil || o.FilingEnded != "":
		return true
	case o.Status == InitialRejected:
		return o.AppealUntil() < workday.DateOf(at)
	}
	return o.Status.Final() && o.Status != Approved
}
