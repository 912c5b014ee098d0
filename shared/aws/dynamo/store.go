package dynamo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
)

// A Store keeps orders and all that belongs to them in the table. It implements decide.Store, exchange.Store, facts.Store
// and inventory.Store.
type Store struct {
	Client *dynamodb.Client
	Table  string
	Sealer *envelope.Sealer
	// Wall is the wall clock, for leases, time to live and the age of outbox entries.
	Wall func() time.Time
}

const privatePurpose = "private"

var errNoOrder = fault.New(fault.NotFound, "找不到这份备案订单。", "There is no such order.")

// orderItem is an order as a row. It makes the data key of a new order.
func (s *Store) orderItem(ctx context.Context, o filing.Order) (item, error) {
	k := envelope.Key{Order: string(o.ID), Wrapped: o.Key}
	if k.Wrapped == nil {
		var err error
		if k, err = s.Sealer.NewKey(ctx, string(o.ID)); err != nil {
			return nil, err
		}
	}
	private, err := json.Marshal(o.Private)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	sealed, err := s.Sealer.Seal(ctx, k, privatePurpose, private)
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(o)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	brief, err := json.Marshal(briefOf(o))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	row := key(orderPK(o.ID), skOrder)
	row[attrBrief] = bytes(brief)
	row[attrDoc], row[attrSealed], row[attrKey] = bytes(doc), bytes(sealed), bytes(k.Wrapped)
	row[attrVersion] = number(int64(o.Version))
	row[attrMine] = text(string(o.Account))
	row[attrAt] = text(moment(o.MovedAt) + "#" + string(o.ID))
	if !o.Status.Final() {
		row[attrOpen] = text(string(o.Step))
	}
	return row, nil
}

// briefOf is what lists show of an order. The indexes hold it.
func briefOf(o filing.Order) filing.Order {
	o.Product, o.Evidence, o.Challenges, o.LivenessPassed = nil, nil, nil, nil
	o.Confirmation, o.Review, o.Bureau, o.Duties = nil, nil, nil, nil
	return o
}

func (s *Store) orderOf(ctx context.Context, row item) (filing.Order, error) {
	var o filing.Order
	if err := json.Unmarshal(bytesOf(row, attrDoc), &o); err != nil {
		return o, fault.Wrap(fault.Internal, err)
	}
	o.Key = bytesOf(row, attrKey)
	private, err := s.Sealer.Open(ctx, envelope.Key{Order: string(o.ID), Wrapped: o.Key}, privatePurpose, bytesOf(row, attrSealed))
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(private, &o.Private); err != nil {
		return o, fault.Wrap(fault.Internal, err)
	}
	return o, nil
}

// Order returns an order; a fault of kind NotFound if there is none.
func (s *Store) Order(ctx context.Context, id filing.ID) (filing.Order, error) {
	row, err := s.get(ctx, orderPK(id), skOrder)
	if err != nil {
		return filing.Order{}, err
	}
	if row == nil {
		return filing.Order{}, errNoOrder
	}
	return s.orderOf(ctx, row)
}

// Erase destroys an order's data key and so all that is personal in it, wherever copies of the table are; the order is
// neither found nor listed from then on. Its ledger stays. A fault of kind NotFound if there is no such order.
func (s *Store) Erase(ctx context.Context, id filing.ID) error {
	row, err := s.get(ctx, orderPK(id), skOrder)
	if err != nil {
		return err
	}
	if row == nil {
		return errNoOrder
	}
	_, err = s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(orderPK(id), skOrder),
		UpdateExpression:         aws.String("REMOVE #key, sealed, mine, #open"),
		ExpressionAttributeNames: map[string]string{"#key": attrKey, "#open": attrOpen},
	})
	s.Sealer.Forget(envelope.Key{Order: string(id), Wrapped: bytesOf(row, attrKey)})
	return classify(err)
}

// Ledger returns the entries of an order, oldest first.
func (s *Store) Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error) {
	return listDocs[filing.Entry](ctx, s, orderPK(id), "LEDGER#", 0)
}

// ListByAccount lists an account's orders, the latest moved first.
func (s *Store) ListByAccount(ctx context.Context, account filing.Account, cursor string, limit int) (decide.Page, error) {
	return s.list(ctx, indexMine, attrMine, string(account), cursor, limit, false)
}

// ListOpen lists the open orders at a step, the longest there first.
func (s *Store) ListOpen(ctx context.Context, step filing.Step, cursor string, limit int) (decide.Page, error) {
	return s.list(ctx, indexOpen, attrOpen, string(step), cursor, limit, true)
}

// errCursor rejects a cursor that this list did not return.
var errCursor = fault.New(fault.Invalid, "翻页参数 cursor 无效，请从第一页重新读取。", "The cursor is not one of this list's; start again without it.")

func (s *Store) list(ctx context.Context, index, attr, value, cursor string, limit int, forward bool) (decide.Page, error) {
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.Table), IndexName: aws.String(index),
		KeyConditionExpression:    aws.String("#key = :value"),
		ExpressionAttributeNames:  map[string]string{"#key": attr},
		ExpressionAttributeValues: item{":value": text(value)},
		ScanIndexForward:          aws.Bool(forward),
		Limit:                     aws.Int32(int32(limit)),
	}
	if cursor != "" {
		start, err := parseCursor(cursor)
		if err != nil {
			return decide.Page{}, err
		}
		start[attr] = text(value)
		in.ExclusiveStartKey = start
	}
	out, err := s.Client.Query(ctx, in)
	if err != nil {
		return decide.Page{}, classify(err)
	}
	page := decide.Page{Next: cursorOf(out.LastEvaluatedKey)}
	for _, row := range out.Items {
		var o filing.Order
		if err := json.Unmarshal(bytesOf(row, attrBrief), &o); err != nil {
			return decide.Page{}, fault.Wrap(fault.Internal, err)
		}
		page.Orders = append(page.Orders, o)
	}
	return page, nil
}

// A cursor is the position at which a page ended.
type cursor struct {
	PK string `json:"p"`
	At string `json:"a"`
}

func cursorOf(last item) string {
	if last == nil {
		return ""
	}
	doc, err := json.Marshal(cursor{textOf(last, attrPK), textOf(last, attrAt)})
	if err != nil {
		panic(err) // two strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(doc)
}

func parseCursor(given string) (item, error) {
	doc, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil {
		return nil, errCursor
	}
	var c cursor
	if err := json.Unmarshal(doc, &c); err != nil || !strings.HasPrefix(c.PK, orderPK("")) || c.At == "" {
		return nil, errCursor
	}
	start := key(c.PK, skOrder)
	start[attrAt] = text(c.At)
	return start, nil
}

// SaveTaskToken stores the task that waits for an order, in place of the one before.
func (s *Store) SaveTaskToken(ctx context.Context, id filing.ID, t decide.WaitingTask) error {
	row := key(orderPK(id), skWait)
	row["step"], row["visit"], row["token"] = text(string(t.Step)), number(int64(t.StepVisit)), text(t.Token)
	return s.write(ctx, s.put(row, ""))
}

// WaitingTask returns the task that waits for an order; the zero value if there is none.
func (s *Store) WaitingTask(ctx context.Context, id filing.ID) (decide.WaitingTask, error) {
	row, err := s.get(ctx, orderPK(id), skWait)
	if err != nil {
		return decide.WaitingTask{}, err
	}
	return decide.WaitingTask{Step: filing.Step(textOf(row, "step")), StepVisit: int(numberOf(row, "visit")), Token: textOf(row, "token")}, nil
}
