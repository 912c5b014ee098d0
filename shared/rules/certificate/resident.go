package certificate

import (
	"slices"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/workday"
)

// Codes of resident identity numbers (GB 11643) and of numbers with the same format.
const (
	ResidentIDLength        finding.Code = "resident-id-length"
	ResidentIDOld           finding.Code = "resident-id-15-digits"
	ResidentIDCharacters    finding.Code = "resident-id-characters"
	ResidentIDRegion        finding.Code = "resident-id-region"
	ResidentIDIsResidence   finding.Code = "resident-id-is-residence-permit"
	ResidentIDIsPermanent   finding.Code = "resident-id-is-permanent-resident"
	ResidentIDBirthDate     finding.Code = "resident-id-birth-date"
	ResidentIDBirthFuture   finding.Code = "resident-id-birth-future"
	ResidentIDCheckDigit    finding.Code = "resident-id-check-digit"
	ResidencePermitRegion   finding.Code = "residence-permit-region"
	PermanentResidentFormat finding.Code = "permanent-resident-id-format"
	PermanentResidentCheck  finding.Code = "permanent-resident-id-check-digit"
)

var (
	residentForm     = pattern.New(`^\d{17}[\dX]$`)
	fifteenDigits    = pattern.New(`^\d{15}$`)
	permanentOldForm = pattern.New(`^[A-Z]{3}\d{12}$`)
	permanentNewForm = pattern.New(`^9\d{16}[\dX]$`)
)

// provinces are the first two digits of mainland regions, and 71 (Taiwan), which GB 2260 reserves. The county is not checked,
// because numbers remain valid after their county is abolished.
var provinces = []string{
	"11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
	"45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
}

func checkResidentID(n string, on workday.Date) finding.List {
	switch {
	case fifteenDigits().MatchString(n):
		return finding.List{finding.New(ResidentIDOld, "")}
	case len(n) != 18:
		return finding.List{finding.New(ResidentIDLength, "")}
	case !residentForm().MatchString(n):
		return finding.List{finding.New(ResidentIDCharacters, "")}
	}
	var found finding.List
	switch region := n[:2]; {
	case slices.Contains([]string{"81", "82", "83"}, region):
		found = append(found, finding.New(ResidentIDIsResidence, ""))
	case n[0] == '9':
		found = append(found, finding.New(ResidentIDIsPermanent, ""))
	case !slices.Contains(provinces, region):
		found = append(found, finding.New(ResidentIDRegion, ""))
	}
	return append(found, checkBirthAndDigit(n, on, ResidentIDCheckDigit)...)
}

// checkResidence checks the residence permits of 2018, whose numbers follow GB 11643 with special regions.
func checkResidence(n string, on workday.Date, regions ...string) finding.List {
	switch {
	case len(n) != 18:
		return finding.List{finding.New(ResidentIDLength, "")}
	case !residentForm().MatchString(n):
		return finding.List{finding.New(ResidentIDCharacters, "")}
	}
	var found finding.List
	if !slices.Contains(regions, n[:2]) || n[2:6] != "0000" {
		found = append(found, finding.New(ResidencePermitRegion, ""))
	}
	return append(found, checkBirthAndDigit(n, on, ResidentIDCheckDigit)...)
}

// checkPermanentResident checks the numbers of foreign permanent resident cards: three letters and twelve digits until 2023, since
// then eighteen digits beginning with 9. Another form and a wrong check digit are warnings, because no source defines the numbers.
func checkPermanentResident(n string, on workday.Date) finding.List {
	switch {
	case permanentOldForm().MatchString(n):
		return nil
	case !permanentNewForm().MatchString(n):
		return finding.List{finding.New(PermanentResidentFormat, "")}
	}
	return checkBirthAndDigit(n, on, PermanentResidentCheck)
}

func checkBirthAndDigit(n string, on workday.Date, digit finding.Code) finding.List {
	var found finding.List
	born := birthDigits(n)
	switch {
	case !born.Valid() || born < "1850-01-01":
		found = append(found, finding.New(ResidentIDBirthDate, ""))
	case born > on:
		found = append(found, finding.New(ResidentIDBirthFuture, ""))
	}
	if n[17] != residentCheckDigit(n[:17]) {
		found = append(found, finding.New(digit, ""))
	}
	return found
}

// birthDigits returns the digits 7 to 14 as a date, which may be invalid.
func birthDigits(n string) workday.Date {
	return workday.Date(n[6:10] + "-" + n[10:12] + "-" + n[12:14])
}

// residentCheckDigit returns the check character of seventeen digits: ISO 7064 MOD 11-2, as in GB 11643.
func residentCheckDigit(digits string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// containsBirthDate reports whether a kind's numbers contain the birth date in digits 7 to 14.
func containsBirthDate(kind Kind, number Number) bool {
	switch kind {
	case ResidentID, HKMacauResidence, TaiwanResidence:
		return residentForm().MatchString(string(number))
	case PermanentResidentID:
		return permanentNewForm().MatchString(string(number))
	}
	return false
}

// BirthDate returns the birth date in a normalised number. It returns false for kinds without one and for dates that do not exist.
func BirthDate(kind Kind, number Number) (workday.Date, bool) {
	if !containsBirthDate(kind, number) {
		return "", false
	}
	born := birthDigits(string(number))
	return born, born.Valid()
}

// Age returns the holder's age in full years at a time. It returns false if [BirthDate] does.
func Age(kind Kind, number Number, on time.Time) (int, bool) {
	born, ok := BirthDate(kind, number)
	if !ok {
		return 0, false
	}
	return born.YearsTo(workday.DateOf(on)), true
}

// Region returns the six-digit division (GB/T 2260) in a normalised number: the place of a resident's first registration, or of the
// registration of the holder of a unified code. It returns false for kinds without one.
func Region(kind Kind, number Number) (string, bool) {
	n := string(number)
	switch {
	case kind == ResidentID && residentForm().MatchString(n):
		return n[:6], true
	case !kind.Personal() && unifiedForm().MatchString(n):
		return n[2:8], true
	}
	return "", false
}
