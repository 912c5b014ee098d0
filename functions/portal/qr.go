package portal

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/yeqown/go-qrcode/v2"
)

// qrQuiet is the width of the white border around a QR code, in modules (ISO/IEC 18004).
const qrQuiet = 4

// A pathWriter draws a QR code as the path of an SVG, one square for each dark module.
type pathWriter struct {
	side int
	path strings.Builder
}

// Write draws a code.
func (w *pathWriter) Write(m qrcode.Matrix) error {
	w.side = m.Width()
	m.Iterate(qrcode.IterDirection_ROW, func(x, y int, value qrcode.QRValue) {
		if value.IsSet() {
			fmt.Fprintf(&w.path, "M%d %dh1v1h-1z", x+qrQuiet, y+qrQuiet)
		}
	})
	return nil
}

// Close does nothing.
func (w *pathWriter) Close() error { return nil }

// QR returns a QR code of a text.
func (page) QR(text string) (template.HTML, error) { return qrOf(text) }

// qrOf returns a QR code of a text as an SVG within the page, dark on light in every colour scheme.
func qrOf(text string) (template.HTML, error) {
	code, err := qrcode.NewWith(text, qrcode.WithErrorCorrectionLevel(qrcode.ErrorCorrectionMedium))
	if err != nil {
		return "", err
	}
	var w pathWriter
	if err := code.Save(&w); err != nil {
		return "", err
	}
	side := w.side + 2*qrQuiet
	return template.HTML(fmt.Sprintf(`<svg class="qr" role="img" aria-label="QR" viewBox="0 0 %d %d"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		side, side, side, side, w.path.String())), nil // it has only numbers
}

// Portal is the scheme and host of the portal.
func (v *visit) Portal() string { return v.portal.config.Origin }
