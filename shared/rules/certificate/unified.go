package certificate

import (
	"slices"
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
)

// Codes of unified social credit codes (GB 32100), organisation codes (GB 11714) and older licences.
const (
	UnifiedLength          finding.Code = "unified-code-length"
	UnifiedCharacters      finding.Code = "unified-code-characters"
	UnifiedCheckDigit      finding.Code = "unified-code-check-digit"
	UnifiedDoubtful        finding.Code = "unified-code-doubtful"
	UnifiedEntityMismatch  finding.Code = "unified-code-entity-mismatch"
	OrganisationFormat     finding.Code = "organisation-code-format"
	OrganisationCheckDigit finding.Code = "organisation-code-check-digit"
	LicenceLegacy          finding.Code = "licence-number-legacy"
	LicenceCheckDigit      finding.Code = "licence-number-check-digit"
)

// unifiedAlphabet is the alphabet of GB 32100, which lacks I, O, S, V and Z.
const unifiedAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var (
	unifiedForm      = pattern.New(`^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$`)
	organisationForm = pattern.New(`^[0-9A-Z]{8}-[0-9X]$`)
	organisationBare = pattern.New(`^[0-9A-Z]{9}$`)
	licenceForm      = pattern.New(`^(\d{13}|\d{15}|\p{Han}+字第\d{4,8}号)$`)
)

// wrongInXiamen is the division of the registrations, most of them of before 2016, whose check characters do not follow GB 32100. They
// were never replaced (hutool issues 2020 and 4119).
const wrongInXiamen = "3502"

// checkUnified checks a unified code. A wrong check character blocks, because it usually is a typing error; for Xiamen it is a warning.
func checkUnified(n string) finding.List {
	switch {
	case len([]rune(n)) != 18:
		return finding.List{finding.New(UnifiedLength, "")}
	case !unifiedForm().MatchString(n):
		return finding.List{finding.New(UnifiedCharacters, "")}
	case n[17] == unifiedCheckDigit(n[:17]):
		return nil
	case strings.HasPrefix(n[2:], wrongInXiamen):
		return finding.List{finding.New(UnifiedDoubtful, "")}
	}
	return finding.List{finding.New(UnifiedCheckDigit, "")}
}

// unifiedCheckDigit returns the check character of seventeen characters of the alphabet (GB 32100: weights 3^i mod 31).
func unifiedCheckDigit(characters string) byte {
	sum, weight := 0, 1
	for i := range characters {
		sum += weight * strings.IndexByte(unifiedAlphabet, characters[i])
		weight = weight * 3 % 31
	}
	return unifiedAlphabet[(31-sum%31)%31]
}

// checkLicence accepts licence numbers from before 2015 with a warning, because they are valid only for existing filings: 13 or 15
// digits, or words and a number such as "企合京总字第000123号" of enterprises with foreign investment until 2007.
func checkLicence(n string) finding.List {
	if !licenceForm().MatchString(n) {
		return checkUnified(n)
	}
	found := finding.List{finding.New(LicenceLegacy, "")}
	if fifteenDigits().MatchString(n) && !licenceCheckDigitMatches(n) {
		found = append(found, finding.New(LicenceCheckDigit, ""))
	}
	return found
}

// licenceCheckDigitMatches verifies fifteen digits by ISO 7064 MOD 11,10.
func licenceCheckDigitMatches(n string) bool {
	p := 10
	for i := range 14 {
		s := (p + int(n[i]-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return (p+int(n[14]-'0'))%10 == 1
}

// checkOrganisation checks an organisation code. A wrong check character is a warning: Xiamen issued unified codes that contain one.
func checkOrganisation(n string) finding.List {
	switch {
	case !organisationForm().MatchString(n):
		return finding.List{finding.New(OrganisationFormat, "")}
	case n[9] != organisationCheckDigit(n[:8]):
		return finding.List{finding.New(OrganisationCheckDigit, "")}
	}
	return nil
}

// organisationCheckDigit returns the check character of eight digits or letters (GB 11714).
func organisationCheckDigit(characters string) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		value := int(characters[i] - '0')
		if characters[i] >= 'A' {
			value = int(characters[i]-'A') + 10
		}
		sum += w * value
	}
	return "0X987654321"[sum%11]
}

// checkMaybeUnified checks numbers of certificates that show a unified code since about 2016 and showed another number before. A
// number in the form of a unified code with a wrong check character is only a warning, because it may be an older number.
func checkMaybeUnified(n string) finding.List {
	if unifiedForm().MatchString(n) && n[17] != unifiedCheckDigit(n[:17]) {
		return finding.List{finding.New(UnifiedDoubtful, "")}
	}
	return nil
}

// entitiesByPrefix lists the possible entity kinds by the first two characters of a unified code (registering department and
// category). Other prefixes say nothing about the entity kind.
var entitiesByPrefix = map[string][]EntityKind{
	"11": {Government},
	"12": {PublicInstitution, Medical, Notary, Arbitration},
	"13": {MassOrganisation},
	"31": {LawFirm},
	"32": {Notary},
	"34": {Forensic},
	"35": {Arbitration},
	"41": {CulturalCentre},
	"51": {SocialOrganisation, Religious},
	"52": {PrivateNonEnterprise, Medical, Forensic},
	"53": {Foundation},
	"71": {Religious},
	"91": {Enterprise, Medical, Forensic},
	"92": {Enterprise, Medical},
	"93": {Enterprise},
	"A1": {Defence},
	"N1": {Collective},
	"N2": {Collective},
	"N3": {Collective},
}

// CheckEntity warns if a unified code was issued to another kind of entity than e. It ignores other numbers.
func CheckEntity(e EntityKind, number Number) finding.List {
	if e == Individual || !e.Known() || !unifiedForm().MatchString(string(number)) {
		return nil
	}
	holders, ok := entitiesByPrefix[string(number[:2])]
	if !ok || slices.Contains(holders, e) {
		return nil
	}
	return finding.List{finding.New(UnifiedEntityMismatch, "",
		"entity", e.Words().Chinese, "entity-en", e.Words().English,
		"holder", holders[0].Words().Chinese, "holder-en", holders[0].Words().English)}
}

// SoleTrader is the [Category] of sole traders (个体工商户).
const SoleTrader = "92"

// Category returns the first two characters of a unified social credit code, which name the registering department and the category;
// "" for other numbers.
func Category(number Number) string {
	if !unifiedForm().MatchString(string(number)) {
		return ""
	}
	return string(number[:2])
}
