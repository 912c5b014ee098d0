package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/people"
	"beian/shared/rules/fault"
)

// The provider's staff are one partition, of some dozens of rows. What operators enter is the document with its version; name, roles and the last
// request are attributes, so that recording a request and an operator's edit do not hinder each other.

const (
	pkPeople                        = "PEOPLE"
	personPrefix                    = "PERSON#"
	attrCalled, attrRoles, attrSeen = "called", "roles", "seen"
)

func personKey(account filing.Account) item { return itemKey(pkPeople, personPrefix+string(account)) }

// Person returns a member of staff; one with only the account if there is none.
func (s *Store) Person(ctx context.Context, account filing.Account) (people.Person, error) {
	row, err := s.getKey(ctx, personKey(account))
	if err != nil || row == nil {
		return people.Person{Account: account}, err
	}
	return personFrom(row)
}

// People returns the provider's staff by account.
func (s *Store) People(ctx context.Context) ([]people.Person, error) {
	rows, err := s.listRows(ctx, pkPeople, personPrefix, 0)
	if err != nil {
		return nil, err
	}
	all := make([]people.Person, len(rows))
	for i, row := range rows {
		if all[i], err = personFrom(row); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func personFrom(row item) (people.Person, error) {
	p := people.Person{Account: filing.Account(strings.TrimPrefix(stringAttr(row, attrSK), personPrefix)), Name: stringAttr(row, attrCalled),
		Version: int(numberAttr(row, attrVersion))}
	if seen := numberAttr(row, attrSeen); seen > 0 {
		p.SeenAt = time.Unix(seen, 0).UTC()
	}
	for role := range strings.FieldsSeq(stringAttr(row, attrRoles)) {
		p.Roles = append(p.Roles, filing.Role(role))
	}
	if doc := binaryAttr(row, attrDoc); doc != nil {
		if err := json.Unmarshal(doc, &p.Entry); err != nil {
			return people.Person{}, fault.Wrap(fault.Internal, err)
		}
	}
	return p, nil
}

// PutEntry replaces what operators entered about a person whose version is p.Version, and increases the version. The error is a fault of kind Stale if the person
// has another version.
func (s *Store) PutEntry(ctx context.Context, p people.Person) error {
	doc, err := json.Marshal(p.Entry)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	in := &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: personKey(p.Account),
		UpdateExpression:          aws.String("SET #doc = :doc, #version = :after"),
		ConditionExpression:       aws.String("#version = :before"),
		ExpressionAttributeNames:  map[string]string{"#doc": attrDoc, "#version": attrVersion},
		ExpressionAttributeValues: item{":doc": binaryValue(doc), ":after": numberValue(int64(p.Version + 1)), ":before": numberValue(int64(p.Version))},
	}
	if p.Version == 0 {
		in.ConditionExpression = aws.String("attribute_not_exists(#version)")
		delete(in.ExpressionAttributeValues, ":before")
	}
	_, err = s.Client.UpdateItem(ctx, in)
	if changed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &changed) {
		return fault.Wrap(fault.Stale, err)
	}
	return classify(err)
}

// RecordSeen stores the name, the roles and the time of a person's request.
func (s *Store) RecordSeen(ctx context.Context, p people.Person) error {
	var roles []string
	for _, r := range p.Roles {
		roles = append(roles, string(r))
	}
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: personKey(p.Account),
		UpdateExpression:         aws.String("SET #called = :called, #roles = :roles, #seen = :seen"),
		ExpressionAttributeNames: map[string]string{"#called": attrCalled, "#roles": attrRoles, "#seen": attrSeen},
		ExpressionAttributeValues: item{":called": stringValue(p.Name), ":roles": stringValue(strings.Join(roles, " ")),
			":seen": numberValue(p.SeenAt.Unix())},
	})
	return classify(err)
}
