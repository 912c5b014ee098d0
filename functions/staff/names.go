package staff

import (
	"time"

	"beian/shared/filing"
	"beian/shared/rules/province"
)

// KindName is the name of a kind of application.
func (v *visit) KindName(t filing.Type) string {
	kind, found := filing.KindOf(t)
	if !found {
		return string(t)
	}
	return v.Title(kind.Words)
}

// ProvinceName is the name of a province.
func (v *visit) ProvinceName(c province.Code) string { return v.In(c.Province().Name) }

// Clock returns an RFC 3339 time as day and time of day in Shanghai; any other text stays.
func (v *visit) Clock(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return v.Moment(at)
}
