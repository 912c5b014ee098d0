package province

// A Code is the number of a province: the first two digits of its GB/T 2260 number, such as "33".
type Code string

// ParseCode parses a code. ok is false if no province has it.
func ParseCode(text string) (code Code, ok bool) {
	_, ok = provinces().byCode[Code(text)]
	return Code(text), ok
}

// Province returns the province with the code. If there is none, it returns the zero Province, which has only the national rules.
func (c Code) Province() Province { return provinces().byCode[c] }

// GB2260 returns the six-digit number.
func (c Code) GB2260() string { return string(c) + "0000" }
