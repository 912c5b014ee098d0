package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/process/decide"
	"beian/shared/process/event"
	"beian/shared/process/subscription"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

const (
	pkWebhooks, skEndpoints, endpointChangePrefix = "WEBHOOKS", "ENDPOINTS", "CHANGE#"
	// webhookKey names the data key of the secrets of all endpoints.
	webhookKey, webhookPurpose = "webhooks", "webhook secrets"
)

// endpointSecrets are the secrets of an endpoint as they are encrypted.
type endpointSecrets struct{ Secret, Previous string }

// Endpoints returns the endpoints of events with their secrets.
func (s *Store) Endpoints(ctx context.Context) (subscription.Endpoints, error) {
	list, sealed, err := s.endpointList(ctx)
	if err != nil || len(list.List) == 0 {
		return list, err
	}
	doc, err := s.Encrypter.Decrypt(ctx, webhookKey, webhookPurpose, sealed)
	if err != nil {
		return list, err
	}
	var secrets map[string]endpointSecrets
	if err := json.Unmarshal(doc, &secrets); err != nil {
		return list, fault.Wrap(fault.Internal, errors.New("the secrets of the endpoints cannot be decoded")) // the cause may quote one
	}
	for i := range list.List {
		e := &list.List[i]
		e.Secret, e.Previous = subscription.Secret(secrets[e.ID].Secret), subscription.Secret(secrets[e.ID].Previous)
	}
	return list, nil
}

// endpointList returns the endpoints without their secrets, and those encrypted.
func (s *Store) endpointList(ctx context.Context) (list subscription.Endpoints, sealed []byte, err error) {
	row, err := s.getItem(ctx, pkWebhooks, skEndpoints)
	if err != nil || row == nil {
		return list, nil, err
	}
	list.Version = int(numberAttr(row, attrVersion))
	return list, binaryAttr(row, attrSealed), Unpack(binaryAttr(row, attrDoc), &list.List)
}

// PutEndpoints stores the next version of the endpoints, and with it the change that makes it, encrypted, so that who can write the table but lacks the key
// cannot forge a change. The error is a fault of kind Stale if the version was stored before.
func (s *Store) PutEndpoints(ctx context.Context, next subscription.Endpoints, by subscription.Change) error {
	if next.Version == 1 {
		if err := s.Encrypter.NewKey(ctx, webhookKey); err != nil {
			return err
		}
	}
	secrets := map[string]endpointSecrets{}
	for _, e := range next.List {
		secrets[e.ID] = endpointSecrets{e.Secret.Reveal(), e.Previous.Reveal()}
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	sealed, err := s.Encrypter.Encrypt(ctx, webhookKey, webhookPurpose, plain)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(next.List)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row := itemKey(pkWebhooks, skEndpoints)
	row[attrDoc], row[attrSealed], row[attrVersion] = binaryValue(doc), binaryValue(sealed), numberValue(int64(next.Version))
	change, err := s.endpointChangeRow(ctx, next.Version, by)
	if err != nil {
		return err
	}
	return s.writeOps(ctx, []writeOp{{write: types.TransactWriteItem{Put: s.newVersionPut(row, next.Version)}},
		{write: types.TransactWriteItem{Put: s.newPut(change, "attribute_not_exists(pk)")}}})
}

// endpointChangeRow returns the row of the change that makes a version of the endpoints.
func (s *Store) endpointChangeRow(ctx context.Context, version int, c subscription.Change) (item, error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	row := itemKey(pkWebhooks, fmt.Sprintf("%s%010d", endpointChangePrefix, version))
	sealed, err := s.Encrypter.Encrypt(ctx, webhookKey, stringAttr(row, attrSK), doc)
	if err != nil {
		return nil, err
	}
	row[attrSealed], row[attrTTL] = binaryValue(sealed), numberValue(s.Wall().Add(readTTL).Unix())
	return row, nil
}

// Changes lists the changes of endpoints, the newest first. A row that was changed or moved is listed with Verified false, and without what it was.
func (s *Store) Changes(ctx context.Context, cursor string, limit int) (page []subscription.Change, next string, err error) {
	rows, next, err := s.listPage(ctx, pkWebhooks, endpointChangePrefix, cursor, limit, true)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		var c subscription.Change
		doc, err := s.Encrypter.Decrypt(ctx, webhookKey, stringAttr(row, attrSK), binaryAttr(row, attrSealed))
		if fault.KindOf(err) == fault.Unavailable {
			return nil, "", err
		}
		c.Verified = err == nil && json.Unmarshal(doc, &c) == nil
		page = append(page, c)
	}
	return page, next, nil
}

// newVersionPut returns the write of a row that is the given version of what it stores.
func (s *Store) newVersionPut(row item, version int) *types.Put {
	if version == 1 {
		return s.newPut(row, "attribute_not_exists(pk)")
	}
	put := s.newPut(row, "version = :before")
	put.ExpressionAttributeValues = item{":before": numberValue(int64(version - 1))}
	return put
}

// putVersion stores a row that is the given version of what it stores. The error is a fault of kind Stale if the version was stored before.
func (s *Store) putVersion(ctx context.Context, row item, version int) error {
	put := s.newVersionPut(row, version)
	_, err := s.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: put.TableName, Item: put.Item, ConditionExpression: put.ConditionExpression,
		ExpressionAttributeValues: put.ExpressionAttributeValues})
	if stored := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &stored) {
		return fault.Wrap(fault.Stale, err)
	}
	return classify(err)
}

// eventOps returns the outbox entries with events, for the transaction that causes them; none if no endpoint gets one of them. So a provider
// without endpoints pays one read of a row that does not exist.
func (s *Store) eventOps(ctx context.Context, events ...event.Event) ([]writeOp, error) {
	if len(events) == 0 {
		return nil, nil
	}
	list, _, err := s.endpointList(ctx)
	if err != nil || !list.Wanted(events) {
		return nil, err
	}
	var ops []writeOp
	for part := range slices.Chunk(events, entryEvents) {
		e := decide.OutboxEntry{ID: newEntryID(decide.SendEvents, part[0].Subject), Kind: decide.SendEvents, Events: part, At: s.Wall().UTC()}
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(entryItem(e), "")}})
	}
	return ops, nil
}

// entryEvents is how many events one outbox entry has at most, so that it is smaller than a row may be.
const entryEvents = 50

// AddEvents stores events that no decision and no version of a filing causes. An event that was stored before is sent once.
func (s *Store) AddEvents(ctx context.Context, events ...event.Event) error {
	ops, err := s.eventOps(ctx, events...)
	if err != nil || len(ops) == 0 {
		return err
	}
	return s.writeOps(ctx, ops)
}

func deliveriesPK(endpoint string) string { return "WEBHOOK#" + endpoint }

// dueDeliveries is the queue of an endpoint's deliveries. Each endpoint has its own, so that a slow one does not delay the others.
func dueDeliveries(endpoint string) dueQueue { return dueQueue("webhook " + endpoint) }

func deadDeliveries(endpoint string) string { return "dead webhook " + endpoint }

// deliveryRow returns the row of a delivery.
func deliveryRow(d subscription.Delivery) (item, error) {
	doc, err := json.Marshal(d)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	id := d.ID()
	row := itemKey(deliveriesPK(d.Endpoint), id)
	row[attrVersion] = numberValue(int64(d.Version))
	row[attrTTL] = numberValue(d.CreatedAt.Add(subscription.Kept).Unix())
	row[attrDoc] = binaryValue(doc)
	if !d.NextAt.IsZero() {
		dueDeliveries(d.Endpoint).setDue(row, d.NextAt, d.Event.ID)
	}
	if d.State == subscription.Dead {
		delete(row, attrDoc)
		row[attrBrief] = binaryValue(doc) // the index projects it
		row[attrOpen], row[attrAt] = stringValue(deadDeliveries(d.Endpoint)), stringValue(id)
	}
	return row, nil
}

func deliveryOf(row item) (d subscription.Delivery, err error) {
	doc := binaryAttr(row, attrDoc)
	if doc == nil {
		doc = binaryAttr(row, attrBrief)
	}
	return d, fault.Wrap(fault.Internal, json.Unmarshal(doc, &d))
}

// PutDelivery stores the version of a delivery. The error is a fault of kind Stale if the version was stored before; then another call has the delivery.
func (s *Store) PutDelivery(ctx context.Context, d subscription.Delivery) error {
	row, err := deliveryRow(d)
	if err != nil {
		return err
	}
	return s.putVersion(ctx, row, d.Version)
}

// Delivery returns a delivery of an endpoint, or [subscription.ErrUnknown].
func (s *Store) Delivery(ctx context.Context, endpoint, id string) (subscription.Delivery, error) {
	row, err := s.getItem(ctx, deliveriesPK(endpoint), id)
	if err != nil {
		return subscription.Delivery{}, err
	}
	if row == nil {
		return subscription.Delivery{}, subscription.ErrUnknown
	}
	return deliveryOf(row)
}

// DueDeliveries returns the deliveries of an endpoint that are due at a time of the wall clock, the earliest first, at most limit. One that cannot be
// read is left out, so that it does not stop the others; the error, beside the others, names it.
func (s *Store) DueDeliveries(ctx context.Context, endpoint string, until time.Time, limit int) ([]subscription.Delivery, error) {
	keys, err := s.dueRows(ctx, dueDeliveries(endpoint), until, "", limit)
	if err != nil {
		return nil, err
	}
	var due []subscription.Delivery
	var broken error
	for _, key := range keys {
		d, err := s.Delivery(ctx, endpoint, stringAttr(key, attrSK))
		switch {
		case errors.Is(err, subscription.ErrUnknown):
			continue
		case fault.KindOf(err) == fault.Internal:
			broken = errors.Join(broken, fmt.Errorf("delivery %s cannot be read: %w", stringAttr(key, attrSK), err))
			continue
		case err != nil:
			return nil, err
		}
		if !d.NextAt.IsZero() && !d.NextAt.After(until) { // the index may lag behind
			due = append(due, d)
		}
	}
	return due, broken
}

// Deliveries lists the deliveries of an endpoint by the time of their events, the oldest first, from the id after a cursor on. next is "" on the last page.
func (s *Store) Deliveries(ctx context.Context, endpoint, cursor string, limit int) (page []subscription.Delivery, next string, err error) {
	if !subscription.IsCursor(cursor) {
		return nil, "", fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeCursor, "")})
	}
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), Limit: aws.Int32(int32(limit)), KeyConditionExpression: aws.String("pk = :pk AND sk > :after"),
		ExpressionAttributeValues: item{":pk": stringValue(deliveriesPK(endpoint)), ":after": stringValue(cursor + "!")}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, "", classify(err)
	}
	return deliveriesOf(out.Items, limit)
}

// DeadDeliveries lists the dead deliveries of an endpoint, as Deliveries does.
func (s *Store) DeadDeliveries(ctx context.Context, endpoint, cursor string, limit int) (page []subscription.Delivery, next string, err error) {
	if !subscription.IsCursor(cursor) {
		return nil, "", fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeCursor, "")})
	}
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), IndexName: aws.String(indexOpen), Limit: aws.Int32(int32(limit)),
		KeyConditionExpression:    aws.String("#open = :open AND #at > :after"),
		ExpressionAttributeNames:  map[string]string{"#open": attrOpen, "#at": attrAt},
		ExpressionAttributeValues: item{":open": stringValue(deadDeliveries(endpoint)), ":after": stringValue(cursor + "!")},
	})
	if err != nil {
		return nil, "", classify(err)
	}
	return deliveriesOf(out.Items, limit)
}

func deliveriesOf(rows []item, limit int) (page []subscription.Delivery, next string, err error) {
	for _, row := range rows {
		d, err := deliveryOf(row)
		if err != nil {
			return nil, "", err
		}
		page = append(page, d)
	}
	if len(rows) == limit {
		next = page[limit-1].ID()
	}
	return page, next, nil
}
