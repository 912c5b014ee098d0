package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/session"
	"beian/shared/rules/fault"
)

// sessionItemKey returns the key of a session, or of what was typed, which has no account.
func sessionItemKey(account filing.Account, key string) item {
	if account == "" {
		return itemKey("TYPED#"+key, "TYPED")
	}
	return itemKey(accountPK(account), sessionPrefix+key)
}

const sessionPrefix = "SESSION#"

// PutSession stores a session, or what was typed.
func (s *Store) PutSession(ctx context.Context, r session.Row) error {
	row := sessionItemKey(r.Account, r.Key)
	row[attrSealed], row["used"], row[attrTTL] = binaryValue(r.Sealed), numberValue(r.UsedAt.Unix()), numberValue(r.Until.Unix())
	return s.putItem(ctx, s.newPut(row, ""))
}

// Session returns a session, or what was typed; the zero Row if there is none.
func (s *Store) Session(ctx context.Context, account filing.Account, key string) (session.Row, error) {
	row, err := s.getKey(ctx, sessionItemKey(account, key))
	if err != nil || row == nil {
		return session.Row{}, err
	}
	return session.Row{Account: account, Key: key, Sealed: binaryAttr(row, attrSealed),
		UsedAt: time.Unix(numberAttr(row, "used"), 0), Until: time.Unix(numberAttr(row, attrTTL), 0)}, nil
}

// TouchSession records the use of a session. It does nothing if the session has ended.
func (s *Store) TouchSession(ctx context.Context, r session.Row) error {
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: sessionItemKey(r.Account, r.Key),
		UpdateExpression: aws.String("SET used = :used"), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: item{":used": numberValue(r.UsedAt.Unix())},
	})
	if ended := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &ended) {
		return nil
	}
	return classify(err)
}

// EndSession deletes a session, or what was typed.
func (s *Store) EndSession(ctx context.Context, account filing.Account, key string) error {
	return s.deleteItem(ctx, sessionItemKey(account, key))
}

// EndSessions deletes all sessions of an account, and its hand-offs.
func (s *Store) EndSessions(ctx context.Context, account filing.Account) error {
	rows, err := s.listRows(ctx, accountPK(account), sessionPrefix, 0)
	if err != nil {
		return err
	}
	handOffs, err := s.listRows(ctx, accountPK(account), handOffPrefix, 0)
	if err != nil {
		return err
	}
	rows = append(rows, handOffs...)
	for _, row := range rows {
		if err := s.deleteItem(ctx, itemKey(stringAttr(row, attrPK), stringAttr(row, attrSK))); err != nil {
			return err
		}
	}
	return nil
}

const handOffPrefix = "HANDOFF#"

func handOffKey(account filing.Account, g session.Grant) item {
	return itemKey(accountPK(account), handOffPrefix+string(g.Order)+"#"+string(g.Step))
}

// handOffHash returns the keyed hash of a code. A code is short, so who reads the table could find it from a plain hash.
func (s *Store) handOffHash(ctx context.Context, code string) (string, error) {
	return s.Encrypter.MAC(ctx, "hand-off code", code)
}

// PutHandOff stores a hand-off, and then the way from its code to it.
func (s *Store) PutHandOff(ctx context.Context, code string, h session.HandOff) error {
	var err error
	if h.Hash, err = s.handOffHash(ctx, code); err != nil {
		return err
	}
	row, err := handOffItem(h)
	if err != nil {
		return err
	}
	if err := s.putItem(ctx, s.newPut(row, "")); err != nil {
		return err
	}
	way := itemKey(handOffPrefix+h.Hash, "HANDOFF")
	way["account"], way["order"], way["step"] = stringValue(string(h.Account)), stringValue(string(h.Order)), stringValue(string(h.Step))
	way[attrTTL] = row[attrTTL]
	return s.putItem(ctx, s.newPut(way, ""))
}

// handOffItem returns the row of a hand-off. It remains a day longer than it is of use, to explain an old link.
func handOffItem(h session.HandOff) (item, error) {
	doc, err := json.Marshal(h)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	row := handOffKey(h.Account, h.Grant)
	row[attrDoc], row["code"] = binaryValue(doc), stringValue(h.Hash)
	row[attrTTL] = numberValue(h.Until.Add(24 * time.Hour).Unix())
	if h.Phone != "" {
		row["phone"] = stringValue(h.Phone)
	}
	return row, nil
}

func handOffFrom(row item) (h session.HandOff, err error) {
	if row == nil {
		return h, nil
	}
	return h, Unpack(binaryAttr(row, attrDoc), &h)
}

// HandOff returns a hand-off; the zero value if there is none.
func (s *Store) HandOff(ctx context.Context, account filing.Account, g session.Grant) (session.HandOff, error) {
	row, err := s.getKey(ctx, handOffKey(account, g))
	if err != nil {
		return session.HandOff{}, err
	}
	return handOffFrom(row)
}

// HandOffOf returns the hand-off of a code. It is the zero value if the hand-off ended, or has another code.
func (s *Store) HandOffOf(ctx context.Context, code string) (h session.HandOff, known bool, err error) {
	hash, err := s.handOffHash(ctx, code)
	if err != nil {
		return h, false, err
	}
	way, err := s.getKey(ctx, itemKey(handOffPrefix+hash, "HANDOFF"))
	if err != nil || way == nil {
		return h, false, err
	}
	g := session.Grant{Order: filing.ID(stringAttr(way, "order")), Step: session.Step(stringAttr(way, "step"))}
	if h, err = s.HandOff(ctx, filing.Account(stringAttr(way, "account")), g); err != nil || h.Hash != hash {
		h = session.HandOff{}
	}
	return h, true, err
}

// HandOffs returns all hand-offs of an account.
func (s *Store) HandOffs(ctx context.Context, account filing.Account) ([]session.HandOff, error) {
	rows, err := s.listRows(ctx, accountPK(account), handOffPrefix, 0)
	if err != nil {
		return nil, err
	}
	var all []session.HandOff
	for _, row := range rows {
		h, err := handOffFrom(row)
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

// TakeHandOff stores that a phone used the code. It returns false if one did before, or the hand-off ended.
func (s *Store) TakeHandOff(ctx context.Context, h session.HandOff) (bool, error) {
	row, err := handOffItem(h)
	if err != nil {
		return false, err
	}
	put := s.newPut(row, "code = :code AND attribute_not_exists(phone)")
	put.ExpressionAttributeValues = item{":code": stringValue(h.Hash)}
	return conditional(s.putItem(ctx, put))
}

// EndHandOff deletes a hand-off, unless another has replaced it.
func (s *Store) EndHandOff(ctx context.Context, h session.HandOff) error {
	_, err := s.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(s.Table), Key: handOffKey(h.Account, h.Grant),
		ConditionExpression: aws.String("code = :code"), ExpressionAttributeValues: item{":code": stringValue(h.Hash)}})
	_, err = conditional(classify(err))
	return err
}

// conditional returns false instead of the error of a condition that was not met.
func conditional(err error) (bool, error) {
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return false, nil
	}
	return err == nil, err
}
