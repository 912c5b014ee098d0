package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// PutServer writes a server of the inventory. How many slots are used is kept.
func (s *Store) PutServer(ctx context.Context, server inventory.Server) error {
	server.Used = 0
	doc, err := json.Marshal(server)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	_, err = s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 aws.String(s.Table),
		Key:                       key(serverPK(server.ID), skServer),
		UpdateExpression:          aws.String("SET doc = :doc, quota = :quota, used = if_not_exists(used, :none)"),
		ExpressionAttributeValues: item{":doc": bytes(doc), ":quota": number(int64(server.Quota)), ":none": number(0)},
	})
	return classify(err)
}

// Server returns a server; a fault of kind NotFound if there is none of that id.
func (s *Store) Server(ctx context.Context, id string) (inventory.Server, error) {
	var server inventory.Server
	row, err := s.get(ctx, serverPK(id), skServer)
	if err != nil {
		return server, err
	}
	if row == nil {
		return server, fault.Found(fault.NotFound, finding.List{finding.New(inventory.CodeUnknown, "/server")})
	}
	if err := json.Unmarshal(bytesOf(row, attrDoc), &server); err != nil {
		return server, fault.Wrap(fault.Internal, err)
	}
	server.Used = int(numberOf(row, "used"))
	return server, nil
}

// PutServiceCode writes a service code. Which order has used it is kept.
func (s *Store) PutServiceCode(ctx context.Context, c inventory.ServiceCode) error {
	c.Order = ""
	doc, err := json.Marshal(c)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	_, err = s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 aws.String(s.Table),
		Key:                       key(codePK(c.Code), skCode),
		UpdateExpression:          aws.String("SET doc = :doc"),
		ExpressionAttributeValues: item{":doc": bytes(doc)},
	})
	return classify(err)
}

// ServiceCode returns a service code; a fault of kind NotFound if there is none.
func (s *Store) ServiceCode(ctx context.Context, code string) (inventory.ServiceCode, error) {
	var c inventory.ServiceCode
	row, err := s.get(ctx, codePK(code), skCode)
	if err != nil {
		return c, err
	}
	if row == nil {
		return c, fault.Found(fault.NotFound, finding.List{finding.New(inventory.CodeUnknown, "/serviceCode")})
	}
	if err := json.Unmarshal(bytesOf(row, attrDoc), &c); err != nil {
		return c, fault.Wrap(fault.Internal, err)
	}
	c.Order = filing.ID(textOf(row, attrOrder))
	return c, nil
}

// Product looks up a server or a service code for an account and returns the product to reserve. What stands against
// it is a fault of kind Invalid with every finding. Another account's server is as unknown as one that is not there.
func (s *Store) Product(ctx context.Context, account filing.Account, server, code string, check func(inventory.Server) finding.List) (filing.Product, error) {
	if (server == "") == (code == "") {
		return filing.Product{}, fault.Found(fault.Invalid, finding.List{finding.New(inventory.CodeOneOfTwo, "")})
	}
	pointer := "/server"
	if code != "" {
		pointer = "/serviceCode"
		c, err := s.ServiceCode(ctx, code)
		if err != nil {
			return filing.Product{}, invalid(err)
		}
		if c.Account != "" && c.Account != account {
			return filing.Product{}, fault.Found(fault.Invalid, finding.List{finding.New(inventory.CodeForeign, pointer)})
		}
		if c.Order != "" {
			return filing.Product{}, fault.Found(fault.Invalid, finding.List{finding.New(inventory.CodeUsed, pointer)})
		}
		server = c.Server
	}
	found, err := s.Server(ctx, server)
	if err != nil {
		return filing.Product{}, invalid(err)
	}
	if code == "" && found.Account != account {
		return filing.Product{}, fault.Found(fault.Invalid, finding.List{finding.New(inventory.CodeUnknown, pointer)})
	}
	findings := check(found)
	for i := range findings {
		findings[i].Pointer = pointer + strings.TrimPrefix(findings[i].Pointer, "/server")
	}
	if findings.Blocking() {
		return filing.Product{}, fault.Found(fault.Invalid, findings)
	}
	return inventory.Product(found, code), nil
}

// invalid makes a wrong name in a request of a thing that is not there.
func invalid(err error) error {
	if f := fault.Of(err); f.Kind == fault.NotFound {
		return fault.Found(fault.Invalid, f.Findings)
	}
	return err
}

// swap moves an order's filing slot from one product to another; either may be nil. A slot that stays on its server is
// left alone, for a transaction may touch an item only once.
func (s *Store) swap(from, to *filing.Product, order filing.ID) []op {
	var ops []op
	if from != nil && (to == nil || to.Server != from.Server) {
		ops = append(ops, s.releaseSlot(from.Server, order)...)
	}
	if to != nil && (from == nil || to.Server != from.Server) {
		ops = append(ops, s.reserveSlot(to.Server, order)...)
	}
	if from != nil && from.ServiceCode != "" && (to == nil || to.ServiceCode != from.ServiceCode) {
		ops = append(ops, op{write: s.update(key(codePK(from.ServiceCode), skCode), "REMOVE holder", "holder = :order",
			item{":order": text(string(order))})})
	}
	if to != nil && to.ServiceCode != "" && (from == nil || to.ServiceCode != from.ServiceCode) {
		ops = append(ops, op{s.update(key(codePK(to.ServiceCode), skCode), "SET holder = :order",
			"attribute_exists(pk) AND attribute_not_exists(holder)", item{":order": text(string(order))}),
			taken(finding.New(inventory.CodeUsed, "/serviceCode"))})
	}
	return ops
}

func (s *Store) reserveSlot(server string, order filing.ID) []op {
	return []op{
		{s.update(key(serverPK(server), skServer), "SET used = used + :one", "used < quota", item{":one": number(1)}),
			taken(finding.New(inventory.CodeQuota, "/server"))},
		{write: types.TransactWriteItem{Put: s.put(key(serverPK(server), slotSK(order)), "attribute_not_exists(pk)")}},
	}
}

func (s *Store) releaseSlot(server string, order filing.ID) []op {
	return []op{
		{write: s.update(key(serverPK(server), skServer), "SET used = used - :one", "used >= :one", item{":one": number(1)})},
		{write: types.TransactWriteItem{Delete: &types.Delete{
			TableName: aws.String(s.Table), Key: key(serverPK(server), slotSK(order)), ConditionExpression: aws.String("attribute_exists(pk)"),
		}}},
	}
}

// update is a conditional update of one item, as part of a transaction.
func (s *Store) update(k item, expression, condition string, values item) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.Table), Key: k, UpdateExpression: aws.String(expression),
		ConditionExpression: aws.String(condition), ExpressionAttributeValues: values,
	}}
}

// taken is the fault for something that another order has.
func taken(f finding.Finding) error { return fault.Found(fault.Conflict, finding.List{f}) }

// Slots returns the orders that hold a filing slot of a server.
func (s *Store) Slots(ctx context.Context, server string) ([]filing.ID, error) {
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :slot)"),
		ExpressionAttributeValues: item{":pk": text(serverPK(server)), ":slot": text("SLOT#")}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, classify(err)
	}
	var orders []filing.ID
	for _, row := range out.Items {
		orders = append(orders, filing.ID(strings.TrimPrefix(textOf(row, attrSK), "SLOT#")))
	}
	return orders, nil
}

// filed records a subject, its account and its domains among those filed with us.
func (s *Store) filed(o filing.Order) []op {
	subject := key(filedPK("subject", o.SubjectKey), skFiled)
	subject["account"], subject["number"], subject["province"] = text(string(o.Account)), text(o.Bureau.SubjectNumber.String()), text(o.Province)
	account := key(accountPK(o.Account), skFiled)
	account["subject"] = text(o.SubjectKey)
	ops := []op{
		{write: types.TransactWriteItem{Put: s.put(subject, "")}},
		{write: types.TransactWriteItem{Put: s.put(account, "")}},
	}
	for _, site := range o.Bureau.Sites {
		if site.Site < 0 || site.Site >= len(o.Private.Sites) {
			continue
		}
		for _, d := range o.Private.Sites[site.Site].Domains {
			domain := key(filedPK("domain", string(d)), skFiled)
			domain["subject"], domain["number"], domain["access"] = text(o.SubjectKey), text(site.Number.String()), text(o.Product.Server)
			ops = append(ops, op{write: types.TransactWriteItem{Put: s.put(domain, "")}})
		}
	}
	return ops
}

// Known is what our own records say of a subject and an account.
type Known struct {
	Account filing.Account // that holds the subject; "" if it is not filed with us
	Subject string         // that the account holds; "" if none
	Number  string         // the subject's filing number
}

// Known looks a subject and an account up among those filed with us.
func (s *Store) Known(ctx context.Context, subject string, account filing.Account) (Known, error) {
	of, err := s.get(ctx, filedPK("subject", subject), skFiled)
	if err != nil {
		return Known{}, err
	}
	mine, err := s.get(ctx, accountPK(account), skFiled)
	if err != nil {
		return Known{}, err
	}
	return Known{Account: filing.Account(textOf(of, "account")), Number: textOf(of, "number"), Subject: textOf(mine, "subject")}, nil
}

// FiledDomain returns the key of the subject under which a domain is filed with us; "" if it is not.
func (s *Store) FiledDomain(ctx context.Context, d filing.Domain) (subject string, err error) {
	row, err := s.get(ctx, filedPK("domain", string(d)), skFiled)
	if err != nil {
		return "", fmt.Errorf("filed domain: %w", err)
	}
	return textOf(row, "subject"), nil
}
