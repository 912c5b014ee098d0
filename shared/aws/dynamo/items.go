package dynamo

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
)

// An item is one row of the table.
type item = map[string]types.AttributeValue

func stringValue(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func numberValue(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func binaryValue(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

func stringAttr(i item, attr string) string {
	s, _ := i[attr].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

func numberAttr(i item, attr string) int64 {
	n, _ := i[attr].(*types.AttributeValueMemberN)
	if n == nil {
		return 0
	}
	v, _ := strconv.ParseInt(n.Value, 10, 64)
	return v
}

func binaryAttr(i item, attr string) []byte {
	b, _ := i[attr].(*types.AttributeValueMemberB)
	if b == nil {
		return nil
	}
	return b.Value
}

func itemKey(pk, sk string) item { return item{attrPK: stringValue(pk), attrSK: stringValue(sk)} }

func orderPK(id filing.ID) string       { return "ORDER#" + string(id) }
func serverPK(id string) string         { return "SERVER#" + id }
func codePK(code string) string         { return "CODE#" + code }
func slotSK(order filing.ID) string     { return "SLOT#" + string(order) }
func ledgerSK(seq int) string           { return fmt.Sprintf("LEDGER#%06d", seq) }
func accountPK(a filing.Account) string { return "ACCOUNT#" + string(a) }
func filedPK(kind, key string) string   { return "FILED#" + kind + "#" + key }
func requestPK(a filing.Account) string { return "REQUEST#" + string(a) }

// lockKey returns the key of a lock's row. Those of an account are in its partition, where they can be counted.
func lockKey(l filing.Lock) item {
	name := lockPrefix(l.Kind) + l.Key
	if l.Account != "" {
		return itemKey(accountPK(l.Account), name)
	}
	return itemKey(name, skLock)
}

func lockPrefix(k filing.LockKind) string { return "LOCK#" + string(k) + "#" }

// sortableTime formats a time for a sort key. The width is fixed, so that texts sort like times.
func sortableTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// timeLayout is the layout of times in sort keys, in UTC.
const timeLayout = "2006-01-02T15:04:05.000Z"

// newPut returns a put of an item under a condition; "" means none.
func (s *Store) newPut(i item, condition string) *types.Put {
	p := &types.Put{TableName: aws.String(s.Table), Item: i}
	if condition != "" {
		p.ConditionExpression = aws.String(condition)
	}
	return p
}
