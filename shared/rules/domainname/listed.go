package domainname

import (
	"slices"

	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A Listed is the rule of a list of domains: those on it, or those not on it, get the finding. See [Rules].
type Listed struct {
	ID     string
	Code   finding.Code
	AsOf   workday.Date // the state of the list
	Source string
}

// Rules lists the rules for suffixes and platforms.
func Rules() []Listed {
	approved, platforms := mustDecode(approvedFile), mustDecode(platformsFile)
	return []Listed{
		{"domain.approved", SuffixUnlisted, approved.AsOf, approved.Source},
		{"domain.platforms", OfPlatform, platforms.AsOf, platforms.Source},
	}
}

// Data returns the text of all rules, for a digest.
func Data() []byte { return slices.Concat(approvedFile, platformsFile) }
