package webpage

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A Hiding says why a visitor does not see a text; "" if nothing is known that hides it.
type Hiding string

const (
	Seen         Hiding = ""
	NotDisplayed Hiding = "display"
	Invisible    Hiding = "visibility"
	Transparent  Hiding = "opacity"
	Tiny         Hiding = "size"
	SameColour   Hiding = "colour" // as the background, or nearly
	OffScreen    Hiding = "position"
	CutOff       Hiding = "clipped"
)

const (
	minOpacity  = 0.1
	minSize     = 5.0  // pixels
	minContrast = 1.25 // white on white is 1, black on white 21 (WCAG)
	farAway     = -500 // pixels
	baseSize    = 16.0 // pixels
	// maxFontFields are the words of a font among which its size is looked for.
	maxFontFields = 10
)

// hiding returns what hides a text node.
func (s *sheet) hiding(text *html.Node) Hiding {
	opacity, visible := 1.0, ""
	for n := parent(text); n != nil; n = parent(n) {
		style := s.style(n)
		if visible == "" {
			visible = style["visibility"]
		}
		if o, ok := parseNumber(style["opacity"]); ok {
			opacity *= o
		}
		switch {
		case style["display"] == "none":
			return NotDisplayed
		case isFarAway(style):
			return OffScreen
		case isCut(style):
			return CutOff
		}
		if strings.HasPrefix(style["transform"], "scale(0)") {
			return Tiny
		}
	}
	element := parent(text)
	switch {
	case visible == "hidden" || visible == "collapse":
		return Invisible
	case opacity < minOpacity:
		return Transparent
	case element != nil && s.size(element) < minSize:
		return Tiny
	case element != nil && s.isBackground(element):
		return SameColour
	}
	return Seen
}

// isFarAway reports whether an element is moved out of the window.
func isFarAway(style map[string]string) bool {
	for _, property := range []string{"text-indent", "margin-left", "margin-top"} {
		if v, ok := pixels(style[property], baseSize); ok && v <= farAway {
			return true
		}
	}
	if position := style["position"]; position == "absolute" || position == "fixed" || position == "relative" {
		for _, property := range []string{"left", "top", "right", "bottom"} {
			if v, ok := pixels(style[property], baseSize); ok && v <= farAway {
				return true
			}
		}
	}
	if _, arguments, ok := strings.Cut(style["transform"], "translate"); ok {
		_, arguments, _ = strings.Cut(arguments, "(")
		first, _, _ := strings.Cut(strings.Split(arguments, ")")[0], ",")
		if v, ok := pixels(strings.TrimSpace(first), baseSize); ok && v <= farAway {
			return true
		}
	}
	return false
}

// isCut reports whether nothing of an element's content is left.
func isCut(style map[string]string) bool {
	if clip := strings.ReplaceAll(style["clip"], ",", " "); strings.HasPrefix(clip, "rect(") && style["position"] == "absolute" {
		empty := true
		for _, edge := range strings.Fields(strings.Trim(clip[5:], ") ")) {
			v, ok := pixels(edge, baseSize)
			empty = empty && ok && v <= 1
		}
		if empty {
			return true
		}
	}
	for _, all := range []string{"inset(50%", "inset(100%", "circle(0"} {
		if strings.HasPrefix(style["clip-path"], all) {
			return true
		}
	}
	if overflow := style["overflow"]; overflow == "hidden" || overflow == "clip" {
		for _, property := range []string{"height", "max-height", "width", "max-width"} {
			if v, ok := pixels(style[property], baseSize); ok && v <= 1 {
				return true
			}
		}
	}
	return false
}

// size returns the size of an element's font in pixels, as far as it is known.
func (s *sheet) size(n *html.Node) float64 {
	var chain []*html.Node
	for ; n != nil; n = parent(n) {
		chain = append(chain, n)
	}
	size := baseSize
	for i := len(chain) - 1; i >= 0; i-- {
		style := s.style(chain[i])
		value := style["font-size"]
		if value == "" {
			fields := strings.Fields(style["font"])
			for _, field := range fields[:min(len(fields), maxFontFields)] { // bold 0/0 arial
				before, _, _ := strings.Cut(field, "/")
				if _, ok := pixels(before, size); ok && (strings.ContainsAny(before, "%") || strings.HasSuffix(before, "px") || strings.HasSuffix(before, "em") || before == "0") {
					value = before
					break
				}
			}
		}
		if v, ok := pixels(value, size); ok {
			size = v
		}
	}
	return size
}

// isBackground reports whether the text of an element has the colour of what is behind it.
func (s *sheet) isBackground(n *html.Node) bool {
	text, known := s.colour(n)
	if !known {
		return false
	}
	behind, known := s.background(n)
	return known && contrast(text.over(behind), behind) < minContrast
}

// linkBlue is the colour of a link without a style.
var linkBlue = colour{0, 0, 0xee, 1}

// colour returns the colour of an element's text; false if it is not known.
func (s *sheet) colour(n *html.Node) (colour, bool) {
	for ; n != nil; n = parent(n) {
		value := s.style(n)["color"]
		switch {
		case value == "inherit" || value == "" && n.DataAtom != atom.A:
			continue
		case value == "":
			return linkBlue, true
		}
		return parseColour(value)
	}
	return colour{0, 0, 0, 1}, true
}

// background returns the colour behind an element; false if there is a picture, or it is not known.
func (s *sheet) background(n *html.Node) (colour, bool) {
	for ; n != nil; n = parent(n) {
		style := s.style(n)
		if picture := style["background-image"]; picture != "" && picture != "none" {
			return colour{}, false
		}
		value := style["background-color"]
		if value == "" {
			value = style["background"]
		}
		if strings.Contains(value, "url(") || strings.Contains(value, "gradient") || strings.Contains(value, "var(") {
			return colour{}, false
		}
		if value == "" || value == "none" || value == "transparent" || value == "inherit" {
			continue
		}
		c, ok := parseColour(value)
		if !ok {
			for _, field := range strings.Fields(value) { // #fff no-repeat
				if c, ok = parseColour(field); ok {
					break
				}
			}
		}
		switch {
		case !ok || c.alpha > 0 && c.alpha < 1:
			return colour{}, false
		case c.alpha == 1:
			return c, true
		}
	}
	return colour{255, 255, 255, 1}, true
}

// A colour has components from 0 to 255, and alpha from 0 to 1.
type colour struct{ red, green, blue, alpha float64 }

// over returns the colour that results before another one.
func (c colour) over(behind colour) colour {
	mix := func(a, b float64) float64 { return a*c.alpha + b*(1-c.alpha) }
	return colour{mix(c.red, behind.red), mix(c.green, behind.green), mix(c.blue, behind.blue), 1}
}

// contrast returns the contrast ratio of WCAG.
func contrast(a, b colour) float64 {
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}

func luminance(c colour) float64 {
	linear := func(v float64) float64 {
		if v /= 255; v <= 0.03928 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.red) + 0.7152*linear(c.green) + 0.0722*linear(c.blue)
}

// parseColour parses the notations of CSS except those with functions other than rgb.
func parseColour(text string) (colour, bool) {
	if named, ok := colornames.Map[text]; ok {
		return colour{float64(named.R), float64(named.G), float64(named.B), 1}, true
	}
	if text == "transparent" {
		return colour{}, true
	}
	if hex, ok := strings.CutPrefix(text, "#"); ok {
		return parseHex(hex)
	}
	name, arguments, ok := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	if !ok || name != "rgb" && name != "rgba" {
		return colour{}, false
	}
	fields := strings.FieldsFunc(arguments, func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
	if len(fields) != 3 && len(fields) != 4 {
		return colour{}, false
	}
	values := [4]float64{3: 1}
	for i, f := range fields {
		plain, percent := strings.CutSuffix(f, "%")
		v, ok := parseNumber(plain)
		if !ok {
			return colour{}, false
		}
		switch {
		case i == 3 && percent:
			v /= 100
		case percent:
			v *= 2.55
		}
		limit := 255.0
		if i == 3 {
			limit = 1
		}
		values[i] = min(max(v, 0), limit)
	}
	return colour{values[0], values[1], values[2], values[3]}, true
}

func parseHex(hex string) (colour, bool) {
	if len(hex) == 3 || len(hex) == 4 {
		var long strings.Builder
		for _, c := range []byte(hex) {
			long.Write([]byte{c, c})
		}
		hex = long.String()
	}
	if len(hex) == 6 {
		hex += "ff"
	}
	v, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 8 {
		return colour{}, false
	}
	return colour{float64(v >> 24), float64(v >> 16 & 0xff), float64(v >> 8 & 0xff), float64(v&0xff) / 255}, true
}

// pixels parses a length; of percent and em, relative to a size.
func pixels(text string, relative float64) (float64, bool) {
	for _, u := range []struct {
		unit   string
		factor float64
	}{{"px", 1}, {"pt", 4.0 / 3}, {"rem", baseSize}, {"em", relative}, {"%", relative / 100}, {"vw", 12}, {"vh", 8}} {
		if plain, ok := strings.CutSuffix(text, u.unit); ok {
			v, ok := parseNumber(plain)
			return v * u.factor, ok
		}
	}
	return parseNumber(text) // 0, or without a unit
}

func parseNumber(text string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}
