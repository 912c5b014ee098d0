package dynamo

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// skAccountSubject is the sort key of the row with the subject of an account: the filing that it has, and a version that counts what bound the account
// to a subject, a filing or a submission. An account has the filing of one subject. Claims, transfers and submissions are refused by a condition on the
// row. What the bureau or the operator says, an approval, a download or an import, is recorded although the account has another filing.
const skAccountSubject = "SUBJECT"

// holder returns the account that a filing keeps from other subjects; "" if it has none, or is cancelled.
func holder(f register.Filing) register.Account {
	if f.ID == "" || f.Status == register.Cancelled || f.Erased {
		return ""
	}
	return f.Account
}

// accountOps moves the filing of a change between the rows of accounts. The error is a fault of kind Conflict if a claim or a transfer gives the filing
// to an account with a submitted order of another subject, and Stale if the account has another filing.
func (s *Store) accountOps(ctx context.Context, c register.Change) ([]writeOp, error) {
	from, to := holder(c.Before), holder(c.After)
	if from == to {
		return nil, nil
	}
	var ops []writeOp
	if from != "" {
		row, err := s.getItem(ctx, accountPK(from), skAccountSubject)
		if err != nil {
			return nil, err
		}
		if stringAttr(row, attrFiling) == string(c.After.ID) {
			ops = append(ops, s.accountOp(from, "REMOVE filing, subject", "filing = :filing", item{":filing": stringValue(string(c.After.ID))}))
		}
	}
	if to == "" {
		return ops, nil
	}
	row, err := s.getItem(ctx, accountPK(to), skAccountSubject)
	if err != nil {
		return nil, err
	}
	another := stringAttr(row, attrFiling) != "" && stringAttr(row, attrFiling) != string(c.After.ID)
	values := item{":filing": stringValue(string(c.After.ID)), ":subject": stringValue(c.After.SubjectKey), ":one": numberValue(1)}
	condition := "(attribute_not_exists(filing) OR filing = :filing)"
	if c.Entry.Source.Kind == register.FromAccount {
		if another {
			return nil, fault.Wrap(fault.Stale, errAccountHasFiling)
		}
		busy, err := s.SubmittedForAnother(ctx, to, c.After.SubjectKey)
		switch {
		case err != nil:
			return nil, err
		case busy && c.Entry.Source.From == "":
			return nil, conflict(finding.New(register.CodeAccountHasOrder, ""))
		case busy:
			return nil, conflict(finding.New(register.CodeTransferTakerOrder, ""))
		}
		condition += " AND " + unchangedAccount(row, values)
	}
	if another {
		return ops, nil
	}
	return append(ops, s.accountOp(to, "SET filing = :filing, subject = :subject ADD version :one", condition, values)), nil
}

var errAccountHasFiling = fault.New(fault.Conflict, "", "")

func (s *Store) accountOp(account register.Account, update, condition string, values item) writeOp {
	return writeOp{write: types.TransactWriteItem{Update: &types.Update{TableName: aws.String(s.Table), Key: itemKey(accountPK(account), skAccountSubject),
		UpdateExpression: aws.String(update), ConditionExpression: aws.String(condition), ExpressionAttributeValues: values}}}
}

// submissionOps binds the account of a submitted order to its subject. The error is a fault of kind Conflict if the account has a filing or another
// submitted order of another subject. Of a submission and another one, a claim or a transfer at the same moment, one is stale. Agencies submit for
// several subjects.
func (s *Store) submissionOps(ctx context.Context, l filing.Lock, o filing.Order) ([]writeOp, error) {
	if l.Account == "" || l.Kind != filing.SubjectLock || o.Unsubmitted || o.AgentFor != "" {
		return nil, nil
	}
	row, err := s.getItem(ctx, accountPK(l.Account), skAccountSubject) // before the locks, so that its version tells that they changed since
	if err != nil {
		return nil, err
	}
	if stringAttr(row, attrFiling) != "" && stringAttr(row, attrSubject) != l.Key {
		return nil, conflict(finding.New(filing.CodeAccountBound, ""))
	}
	switch busy, err := s.SubmittedForAnother(ctx, l.Account, l.Key); {
	case err != nil:
		return nil, err
	case busy:
		return nil, conflict(finding.New(register.CodeAccountHasOrder, ""))
	}
	values := item{":one": numberValue(1)}
	return []writeOp{s.accountOp(l.Account, "ADD version :one", unchangedAccount(row, values), values)}, nil
}

// unchangedAccount returns the condition that the row of an account's subject, nil if it has none, is as it was read, and adds its values.
func unchangedAccount(row, values item) string {
	if row == nil {
		return "attribute_not_exists(version)"
	}
	values[":version"] = numberValue(numberAttr(row, attrVersion))
	return "version = :version"
}

// SubmittedForAnother reports whether an account, not as an agency, has submitted an order for another subject than the one with a key.
func (s *Store) SubmittedForAnother(ctx context.Context, account register.Account, subjectKey string) (bool, error) {
	rows, err := s.listRows(ctx, accountPK(account), lockPrefix(filing.SubjectLock), 0)
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		submitted, _ := row[attrSubmitted].(*types.AttributeValueMemberBOOL)
		if submitted != nil && submitted.Value && row[attrAgent] == nil && strings.TrimPrefix(stringAttr(row, attrSK), lockPrefix(filing.SubjectLock)) != subjectKey {
			return true, nil
		}
	}
	return false, nil
}
