package dynamo

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/strictjson"
)

// A Store reads and writes orders and related rows of the table. It implements decide.Store, exchange.Store, facts.Store
// and inventory.Store.
type Store struct {
	Client    *Client
	Table     string
	Encrypter *envelope.Encrypter
	// Wall is the wall clock, for leases, time to live and the age of outbox entries.
	Wall func() time.Time

	codes codesCache
}

const privatePurpose = "private"

var errNoOrder = fault.New(fault.NotFound, "找不到这份备案订单，请在订单列表中重新打开。", "There is no such order.")

// orderItem returns the row of an order, as a decision made at a time leaves it, without the encrypted part if the decision has not read it. For a new order it first creates the data key, so a crash may leave a key without an order,
// but never an order without a key.
func (s *Store) orderItem(ctx context.Context, c filing.Change) (item, error) {
	o, at := c.Order, c.Entry.At
	doc, err := Pack(detailOf(o))
	if err != nil {
		return nil, err
	}
	brief, err := Pack(newBrief(o))
	if err != nil {
		return nil, err
	}
	row := itemKey(orderPK(o.ID), skOrder)
	row[attrDoc], row[attrBrief], row[attrVersion] = binaryValue(doc), binaryValue(brief), numberValue(int64(o.Version))
	row[attrMine] = stringValue(string(o.Account))
	row[attrAt] = stringValue(sortableTime(o.MovedAt) + "#" + string(o.ID))
	if due := o.NextDue(at); !due.IsZero() {
		dueOrders.setDue(row, readAt(due, at), string(o.ID))
	}
	if o.Plan != nil && o.Plan.Ended != "" {
		row[attrPlanEnded] = stringValue(string(o.Plan.Ended))
	}
	if o.Erasure != nil {
		return row, nil
	}
	switch category := o.RetentionCategory(); {
	case o.Status == filing.Appealed:
		row[attrOpen] = stringValue(appealPartition)
	case !o.Status.Final():
		row[attrOpen] = stringValue(openPartition(o))
	case category != "":
		if o.HeldSince.IsZero() {
			row[attrOpen] = stringValue(retainedPartition(category))
		}
		row[attrAt] = stringValue(sortableTime(o.RetainedSince()) + "#" + string(o.ID))
	}
	if o.Version == 1 {
		if err := s.Encrypter.NewKey(ctx, string(o.ID)); err != nil {
			return nil, err
		}
	}
	if c.PrivateUnread {
		return row, nil
	}
	private, err := Pack(o.Private)
	if err != nil {
		return nil, err
	}
	sealed, err := s.Encrypter.Encrypt(ctx, string(o.ID), privatePurpose, private)
	if err != nil {
		return nil, err
	}
	row[attrSealed] = binaryValue(sealed)
	return row, nil
}

// A brief has the fields of an order that lists show. Both indexes project it.
type brief struct {
	filing.Order
	Findings finding.List `json:"findings,omitempty"` // without their texts, which may name people
}

func newBrief(o filing.Order) brief {
	o.Product, o.Evidence, o.Challenges, o.LivenessPassed = nil, nil, nil, nil
	o.Confirmation, o.Review, o.Duties, o.Tasks = nil, nil, nil, nil
	if o.Bureau != nil {
		o.Bureau = &filing.BureauState{AcceptedAt: o.Bureau.AcceptedAt, Deadline: o.Bureau.Deadline, Overdue: o.Bureau.Overdue}
	}
	b := brief{Order: o}
	for _, f := range o.Private.Findings {
		b.Findings = append(b.Findings, finding.Finding{Pointer: f.Pointer, Code: f.Code, Severity: f.Severity})
	}
	return b
}

// order returns the order as lists show it.
func (b brief) order() filing.Order {
	b.Order.Private.Findings = b.Findings
	return b.Order
}

// A detail has the fields that a brief lacks, with their names in the JSON of an order.
type detail struct {
	Product        *filing.Product                   `json:"product,omitempty"`
	Evidence       map[evidence.Slot]filing.Evidence `json:"evidence,omitempty"`
	Challenges     []filing.Challenge                `json:"challenges,omitempty"`
	LivenessPassed []filing.LivenessPass             `json:"authentic,omitempty"`
	Confirmation   *filing.Confirmation              `json:"confirmation,omitempty"`
	Review         *filing.Review                    `json:"review,omitempty"`
	Bureau         *filing.BureauState               `json:"bureau,omitempty"`
	Duties         []filing.Duty                     `json:"duties,omitempty"`
	Tasks          []filing.Task                     `json:"tasks,omitempty"`
}

func detailOf(o filing.Order) detail {
	return detail{o.Product, o.Evidence, o.Challenges, o.LivenessPassed, o.Confirmation, o.Review, o.Bureau, o.Duties, o.Tasks}
}

// addPrivate decrypts the personal data in an order's row into the order. It returns an order without a key as erased.
func (s *Store) addPrivate(ctx context.Context, o filing.Order, row item) (filing.Order, error) {
	if o.Erasure != nil {
		return o, nil
	}
	private, err := s.Encrypter.Decrypt(ctx, string(o.ID), privatePurpose, binaryAttr(row, attrSealed))
	if errors.Is(err, envelope.ErrErased) {
		return o.Erased(filing.Erasure{}), nil
	}
	if err != nil {
		return o, err
	}
	return o, Unpack(private, &o.Private)
}

// Order returns an order, or a fault of kind NotFound.
func (s *Store) Order(ctx context.Context, id filing.ID) (filing.Order, error) {
	var unreadable error
	var loading sync.WaitGroup
	loading.Go(func() { unreadable = s.Encrypter.LoadKey(ctx, string(id)) })
	o, row, err := s.orderRow(ctx, id)
	loading.Wait()
	if err == nil && o.Erasure == nil && !errors.Is(unreadable, envelope.ErrErased) { // a key that is missing may have been added since
		err = unreadable
	}
	if err != nil {
		return filing.Order{}, err
	}
	return s.addPrivate(ctx, o, row)
}

// OrderSealed is Order for a decision that leaves Private: of that, the order has only the findings, without their texts.
func (s *Store) OrderSealed(ctx context.Context, id filing.ID) (filing.Order, error) {
	o, row, err := s.orderRow(ctx, id)
	if err != nil {
		return filing.Order{}, err
	}
	listed, err := orderOfBrief(row)
	o.Private.Findings = listed.Private.Findings
	return o, err
}

// OrderState returns an order without Private. It decrypts nothing.
func (s *Store) OrderState(ctx context.Context, id filing.ID) (filing.Order, error) {
	o, _, err := s.orderRow(ctx, id)
	return o, err
}

// orderRow reads the row of an order. o is the order in it, without Private.
func (s *Store) orderRow(ctx context.Context, id filing.ID) (o filing.Order, row item, err error) {
	row, err = s.getItem(ctx, orderPK(id), skOrder)
	if err != nil {
		return o, nil, err
	}
	if row == nil {
		return o, nil, errNoOrder
	}
	for _, attr := range []string{attrBrief, attrDoc} {
		if err := Unpack(binaryAttr(row, attr), &o); err != nil {
			return o, nil, fault.Wrap(fault.Internal, err)
		}
	}
	return o, row, nil
}

// Ledger returns the entries of an order, oldest first. MACValid reports whether an entry's HMAC is correct; filing.VerifyLedger
// checks the chain. For a row that was changed to something other than JSON, the entry has only its order and number.
func (s *Store) Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error) {
	rows, err := s.listRows(ctx, orderPK(id), "LEDGER#", 0)
	if err != nil {
		return nil, err
	}
	entries := make([]filing.Entry, len(rows))
	for i, row := range rows {
		e := &entries[i]
		if err := Unpack(binaryAttr(row, attrDoc), e); err != nil {
			*e = filing.Entry{Order: id, Seq: i + 1}
			continue
		}
		mac, err := s.entryMAC(ctx, *e)
		if err != nil {
			return nil, err
		}
		e.MACValid = hmac.Equal([]byte(mac), []byte(e.MAC))
	}
	return entries, nil
}

// entryMAC returns the HMAC of a ledger entry. The entry's hash covers the entry and those before it.
func (s *Store) entryMAC(ctx context.Context, e filing.Entry) (string, error) {
	return s.Encrypter.MAC(ctx, "ledger", string(e.Order)+" "+e.Hash)
}

// ListByAccount lists an account's orders, most recently moved first.
func (s *Store) ListByAccount(ctx context.Context, account filing.Account, cursor string, limit int) (decide.Page, error) {
	return s.listOrders(ctx, indexMine, attrMine, string(account), cursor, limit, false)
}

// ListOpen lists the open orders at a step, those that reached it first first.
func (s *Store) ListOpen(ctx context.Context, step filing.Step, cursor string, limit int) (decide.Page, error) {
	if inQueue(step) {
		return s.ListQueue(ctx, decide.QueueQuery{Step: step, Cursor: cursor, Limit: limit, Read: limit})
	}
	return s.listOrders(ctx, indexOpen, attrOpen, string(step), cursor, limit, true)
}

// ListRetained lists the closed orders of a category that are neither erased nor held. Those whose period began first come first.
func (s *Store) ListRetained(ctx context.Context, c filing.RetentionCategory, cursor string, limit int) (decide.Page, error) {
	return s.listOrders(ctx, indexOpen, attrOpen, retainedPartition(c), cursor, limit, true)
}

// ListAppeals lists the orders with an appeal to decide, oldest appeal first.
func (s *Store) ListAppeals(ctx context.Context, cursor string, limit int) (decide.Page, error) {
	return s.listOrders(ctx, indexOpen, attrOpen, appealPartition, cursor, limit, true)
}

// appealPartition is the partition of the index "open" for the orders with an appeal to decide.
const appealPartition = "appeal"

// retainedPartition returns the partition of the index "open" for the closed orders of a category.
func retainedPartition(c filing.RetentionCategory) string { return "retained " + string(c) }

// unknownCursor rejects a cursor that this list did not return.
func unknownCursor() error {
	return fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeCursor, "")})
}

func (s *Store) listOrders(ctx context.Context, index, attr, value, cursor string, limit int, forward bool) (decide.Page, error) {
	rows, next, err := s.listIndex(ctx, index, attr, value, cursor, limit, forward)
	if err != nil {
		return decide.Page{}, err
	}
	page := decide.Page{Next: next}
	for _, row := range rows {
		o, err := orderOfBrief(row)
		if err != nil {
			return decide.Page{}, err
		}
		page.Orders = append(page.Orders, o)
	}
	return page, nil
}

// listIndex returns a page of the rows of a partition of an index, and the cursor of the next page, "" after the last.
func (s *Store) listIndex(ctx context.Context, index, attr, value, cursor string, limit int, forward bool) (rows []item, next string, err error) {
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.Table), IndexName: aws.String(index),
		KeyConditionExpression:    aws.String("#key = :value"),
		ExpressionAttributeNames:  map[string]string{"#key": attr},
		ExpressionAttributeValues: item{":value": stringValue(value)},
		ScanIndexForward:          aws.Bool(forward),
		Limit:                     aws.Int32(int32(limit)),
	}
	if cursor != "" {
		start, err := parseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		start[attr] = stringValue(value)
		in.ExclusiveStartKey = start
	}
	out, err := s.Client.Query(ctx, in)
	if err != nil {
		return nil, "", classify(err)
	}
	return out.Items, cursorOf(out.LastEvaluatedKey), nil
}

// A cursor is the position after the last item of a page.
type cursor struct {
	PK string `json:"p"`
	At string `json:"a"`
}

func cursorOf(last item) string {
	if last == nil {
		return ""
	}
	doc, err := json.Marshal(cursor{stringAttr(last, attrPK), stringAttr(last, attrAt)})
	if err != nil {
		panic(err) // cannot happen: strings can be marshalled
	}
	return base64.RawURLEncoding.EncodeToString(doc)
}

// decodeCursor returns the fields of a cursor, which another list may have returned.
func decodeCursor(given string) (c cursor, err error) {
	doc, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil {
		return c, unknownCursor()
	}
	if err := strictjson.Unmarshal(doc, &c); err != nil || c.At == "" {
		return c, unknownCursor()
	}
	return c, nil
}

// parseCursor returns the key after which a list of orders, filings, consents or tasks of the bureau continues.
func parseCursor(given string) (item, error) {
	c, err := decodeCursor(given)
	if err != nil {
		return nil, err
	}
	var start item
	switch {
	case strings.HasPrefix(c.PK, orderPK("")):
		start = itemKey(c.PK, skOrder)
	case strings.HasPrefix(c.PK, filingPK("")):
		start = itemKey(c.PK, skFiling)
	case strings.HasPrefix(c.PK, consentPrefix):
		start = itemKey(c.PK, skConsent)
	case strings.HasPrefix(c.PK, bureauTaskPrefix):
		start = itemKey(c.PK, skBureauTask)
	default:
		return nil, unknownCursor()
	}
	start[attrAt] = stringValue(c.At)
	return start, nil
}

// SaveTaskToken stores the task that waits for an order and replaces the previous one.
func (s *Store) SaveTaskToken(ctx context.Context, id filing.ID, t decide.WaitingTask) error {
	row := itemKey(orderPK(id), skWait)
	row["step"], row["visit"], row["token"] = stringValue(string(t.Step)), numberValue(int64(t.StepVisit)), stringValue(t.Token)
	row["definition"], row["round"] = numberValue(int64(t.Definition)), numberValue(int64(t.Round))
	return s.putItem(ctx, s.newPut(row, ""))
}

// WaitingTask returns the task that waits for an order, or the zero value if there is none.
func (s *Store) WaitingTask(ctx context.Context, id filing.ID) (decide.WaitingTask, error) {
	row, err := s.getItem(ctx, orderPK(id), skWait)
	if err != nil {
		return decide.WaitingTask{}, err
	}
	return decide.WaitingTask{Step: filing.Step(stringAttr(row, "step")), StepVisit: int(numberAttr(row, "visit")), Token: stringAttr(row, "token"),
		Definition: int(numberAttr(row, "definition")), Round: int(numberAttr(row, "round"))}, nil
}
