package province

// A Code is the number of a province: the first two digits of its GB/T 2260 number, such as "33".
type Code string

// ParseCode reads a code; ok is false if no province has it.
func ParseCode(text string) (code Code, ok bool) {
	_, ok = provinces().byCode[Code(text)]
	return Code(text), ok
}

// Province returns the province; the zero Province, with the national rules only, if there is none.
func (c Code) Province() Province { return provinces().byCode[c] }

// GB2260 returns the six-digit number.
func (c Code) GB2260() string { return string(c) + "0000" }
