package dynamo

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
)

// concurrentReads is how many rows of a list are read at the same time. The indexes have no counts, so that a filing writes to none.
const concurrentReads = 8

// Servers lists the servers of the inventory by province and id.
func (s *Store) Servers(ctx context.Context, f inventory.ServerFilter, cursor string, limit int) ([]inventory.Server, string, error) {
	at := ""
	if f.Placement != nil {
		at = string(*f.Placement) + "#"
	}
	keys, next, err := s.listInventory(ctx, [2]string{serverPK(""), skServer}, openServers, string(f.Account), at, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	servers, err := readListed(ctx, keys, serverPK(""), s.Server)
	var found []inventory.Server
	for _, server := range servers {
		if !f.Free || server.Used < server.Quota {
			found = append(found, server)
		}
	}
	return found, next, err
}

// ServiceCodes lists the service codes of the inventory by server and code.
func (s *Store) ServiceCodes(ctx context.Context, f inventory.CodeFilter, cursor string, limit int) ([]inventory.ServiceCode, string, error) {
	at := ""
	if f.Server != "" {
		at = f.Server + "#"
	}
	keys, next, err := s.listInventory(ctx, [2]string{codePK(""), skCode}, openCodes, string(f.Account), at, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	all, err := readListed(ctx, keys, codePK(""), s.ServiceCode)
	var found []inventory.ServiceCode
	for _, code := range all {
		if !f.Free || code.Order == "" {
			found = append(found, code)
		}
	}
	return found, next, err
}

// ServerOrders lists the orders that have a filing slot of a server, by id.
func (s *Store) ServerOrders(ctx context.Context, server, cursor string, limit int) (orders []filing.ID, next string, err error) {
	prefix := slotSK("")
	rows, next, err := s.listPage(ctx, serverPK(server), prefix, cursor, limit, false)
	for _, row := range rows {
		orders = append(orders, filing.ID(strings.TrimPrefix(stringAttr(row, attrSK), prefix)))
	}
	return orders, next, err
}

// listInventory lists the partition keys of rows of the inventory, which begin with row[0] and have the sort key row[1], of all accounts or one, whose place in the order begins with at.
func (s *Store) listInventory(ctx context.Context, row [2]string, partition, account, at, cursor string, limit int) (keys []string, next string, err error) {
	index, attr := indexOpen, attrOpen
	if account != "" {
		index, attr, partition = indexMine, attrMine, partition+" "+account
	}
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.Table), IndexName: aws.String(index), Limit: aws.Int32(int32(limit)),
		KeyConditionExpression: aws.String("#key = :key"), ExpressionAttributeNames: map[string]string{"#key": attr},
		ExpressionAttributeValues: item{":key": stringValue(partition)},
	}
	if at != "" {
		in.KeyConditionExpression = aws.String("#key = :key AND begins_with(#at, :at)")
		in.ExpressionAttributeNames["#at"], in.ExpressionAttributeValues[":at"] = attrAt, stringValue(at)
	}
	if cursor != "" {
		c, err := decodeCursor(cursor)
		if err != nil || !strings.HasPrefix(c.PK, row[0]) {
			return nil, "", unknownCursor()
		}
		in.ExclusiveStartKey = itemKey(c.PK, row[1])
		in.ExclusiveStartKey[attr], in.ExclusiveStartKey[attrAt] = stringValue(partition), stringValue(c.At)
	}
	out, err := s.Client.Query(ctx, in)
	if err != nil {
		return nil, "", classify(err)
	}
	for _, row := range out.Items {
		keys = append(keys, stringAttr(row, attrPK))
	}
	return keys, cursorOf(out.LastEvaluatedKey), nil
}

// readListed reads the rows of a list. A row that was deleted since is left out.
func readListed[T any](ctx context.Context, keys []string, prefix string, read func(context.Context, string) (T, error)) ([]T, error) {
	rows := make([]*T, len(keys))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(concurrentReads)
	for i, key := range keys {
		group.Go(func() error {
			row, err := read(within, strings.TrimPrefix(key, prefix))
			if fault.KindOf(err) == fault.NotFound {
				return nil
			}
			rows[i] = &row
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []T
	for _, row := range rows {
		if row != nil {
			all = append(all, *row)
		}
	}
	return all, nil
}
