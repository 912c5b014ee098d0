package staff

import (
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
