package dynamo

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// Partitions of the indexes for the inventory. Their rows are sorted by province and id, or by server and code.
const (
	openServers, openCodes        = "servers", "service codes"
	setListed, setListedOfAccount = ", #open = :open, #at = :at REMOVE #mine", ", #open = :open, #at = :at, #mine = :mine"
)

// listed adds to an update what lists a row of the inventory, also in the list of an account, if it has one.
func listed(update *dynamodb.UpdateItemInput, partition, account, at string) {
	names := map[string]string{"#open": attrOpen, "#at": attrAt, "#mine": attrMine}
	expression := setListed
	update.ExpressionAttributeValues[":open"], update.ExpressionAttributeValues[":at"] = stringValue(partition), stringValue(at)
	if account != "" {
		expression = setListedOfAccount
		update.ExpressionAttributeValues[":mine"] = stringValue(partition + " " + account)
	}
	update.UpdateExpression = aws.String(aws.ToString(update.UpdateExpression) + expression)
	update.ExpressionAttributeNames = names
}

// PutServer writes a server of the inventory. It does not change the number of used slots.
func (s *Store) PutServer(ctx context.Context, server inventory.Server) error {
	server.Used = 0
	doc, err := json.Marshal(server)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	update := &dynamodb.UpdateItemInput{
		TableName:                 aws.String(s.Table),
		Key:                       itemKey(serverPK(server.ID), skServer),
		UpdateExpression:          aws.String("SET doc = :doc, quota = :quota, used = if_not_exists(used, :none)"),
		ExpressionAttributeValues: item{":doc": binaryValue(doc), ":quota": numberValue(int64(server.Quota)), ":none": numberValue(0)},
	}
	listed(update, openServers, string(server.Account), string(server.Placement)+"#"+server.ID)
	_, err = s.Client.UpdateItem(ctx, update)
	return classify(err)
}

// Server returns a server, or a fault of kind NotFound.
func (s *Store) Server(ctx context.Context, id string) (inventory.Server, error) {
	var server inventory.Server
	row, err := s.getItem(ctx, serverPK(id), skServer)
	if err != nil {
		return server, err
	}
	if row == nil {
		return server, fault.WithFindings(fault.NotFound, finding.List{finding.New(inventory.CodeUnknown, "/server")})
	}
	if err := Unpack(binaryAttr(row, attrDoc), &server); err != nil {
		return server, fault.Wrap(fault.Internal, err)
	}
	server.Used = int(numberAttr(row, "used"))
	return server, nil
}

// PutServiceCode writes a service code. It does not change which order uses the code.
func (s *Store) PutServiceCode(ctx context.Context, c inventory.ServiceCode) error {
	c.Order = ""
	doc, err := json.Marshal(c)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	update := &dynamodb.UpdateItemInput{
		TableName:                 aws.String(s.Table),
		Key:                       itemKey(codePK(c.Code), skCode),
		UpdateExpression:          aws.String("SET doc = :doc"),
		ExpressionAttributeValues: item{":doc": binaryValue(doc)},
	}
	listed(update, openCodes, string(c.Account), c.Server+"#"+c.Code)
	_, err = s.Client.UpdateItem(ctx, update)
	return classify(err)
}

// ServiceCode returns a service code, or a fault of kind NotFound.
func (s *Store) ServiceCode(ctx context.Context, code string) (inventory.ServiceCode, error) {
	var c inventory.ServiceCode
	row, err := s.getItem(ctx, codePK(code), skCode)
	if err != nil {
		return c, err
	}
	if row == nil {
		return c, fault.WithFindings(fault.NotFound, finding.List{finding.New(inventory.CodeUnknown, "/serviceCode")})
	}
	if err := Unpack(binaryAttr(row, attrDoc), &c); err != nil {
		return c, fault.Wrap(fault.Internal, err)
	}
	c.Order = filing.ID(stringAttr(row, attrOrder))
	return c, nil
}

// slotOps moves an order's filing slot from one product to another; either may be nil. If the server stays the same, its slot is
// not written, because a transaction may write an item only once.
func (s *Store) slotOps(from, to *filing.Product, order filing.ID) []writeOp {
	var ops []writeOp
	if from != nil && (to == nil || to.Server != from.Server) {
		ops = append(ops, s.releaseSlotOps(from.Server, order)...)
	}
	if to != nil && (from == nil || to.Server != from.Server) {
		ops = append(ops, s.reserveSlotOps(to.Server, order)...)
	}
	if from != nil && from.ServiceCode != "" && (to == nil || to.ServiceCode != from.ServiceCode) {
		ops = append(ops, writeOp{write: s.newUpdate(itemKey(codePK(from.ServiceCode), skCode), "REMOVE holder", "holder = :order",
			item{":order": stringValue(string(order))})})
	}
	if to != nil && to.ServiceCode != "" && (from == nil || to.ServiceCode != from.ServiceCode) {
		ops = append(ops, writeOp{write: s.newUpdate(itemKey(codePK(to.ServiceCode), skCode), "SET holder = :order",
			"attribute_exists(pk) AND attribute_not_exists(holder)", item{":order": stringValue(string(order))}),
			failed: conflict(finding.New(inventory.CodeUsed, "/serviceCode"))})
	}
	return ops
}

func (s *Store) reserveSlotOps(server string, order filing.ID) []writeOp {
	return []writeOp{
		{write: s.newUpdate(itemKey(serverPK(server), skServer), "SET used = used + :one", "used < quota", item{":one": numberValue(1)}),
			failed: conflict(finding.New(inventory.CodeQuota, "/server"))},
		{write: types.TransactWriteItem{Put: s.newPut(itemKey(serverPK(server), slotSK(order)), "attribute_not_exists(pk)")}},
	}
}

func (s *Store) releaseSlotOps(server string, order filing.ID) []writeOp {
	return []writeOp{
		{write: s.newUpdate(itemKey(serverPK(server), skServer), "SET used = used - :one", "used >= :one", item{":one": numberValue(1)})},
		{write: types.TransactWriteItem{Delete: &types.Delete{
			TableName: aws.String(s.Table), Key: itemKey(serverPK(server), slotSK(order)), ConditionExpression: aws.String("attribute_exists(pk)"),
		}}},
	}
}

// newUpdate returns a conditional update of one item, for a transaction.
func (s *Store) newUpdate(k item, expression, condition string, values item) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.Table), Key: k, UpdateExpression: aws.String(expression),
		ConditionExpression: aws.String(condition), ExpressionAttributeValues: values,
	}}
}

// conflict returns a fault of kind Conflict with a finding.
func conflict(f finding.Finding) error { return fault.WithFindings(fault.Conflict, finding.List{f}) }
