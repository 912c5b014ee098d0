package register

import (
	"slices"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// Findings of a version of a filing that has what another filing of the register has. The store returns them in a fault of kind Conflict.
const (
	CodeNumberTaken     finding.Code = "filing-number-taken"
	CodeMinistryIDTaken finding.Code = "filing-ministry-id-taken"
	CodeSubjectTaken    finding.Code = "filing-subject-taken"
	CodeDomainTaken     finding.Code = "filing-domain-taken"
)

// IsTaken reports whether err says that a version was not stored because another filing has its number, subject, a domain or an id.
func IsTaken(err error) bool {
	codes := []finding.Code{CodeNumberTaken, CodeMinistryIDTaken, CodeSubjectTaken, CodeDomainTaken}
	return err != nil && slices.ContainsFunc(fault.Of(err).Findings, func(f finding.Finding) bool { return slices.Contains(codes, f.Code) })
}
