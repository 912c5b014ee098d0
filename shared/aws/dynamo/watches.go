package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing/register"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
)

// dueWatches is the queue of the hosts to check.
const dueWatches dueQueue = "watch"

const (
	watchPrefix = "WATCH#"
	attrSince   = "since"
)

func watchKey(k sitewatch.Key) item { return itemKey(filingPK(k.Filing), watchPrefix+k.Host) }

// watchEntryPrefix begins the sort keys of a host's history.
func watchEntryPrefix(host string) string { return "WATCHED#" + host + "#" }

// dueID makes the key of a watch unique in the index.
func dueID(k sitewatch.Key) string { return k.Host + "#" + string(k.Filing) }

// watchOps begins the watch of the hosts that a filing has and had not before. A host that is watched already stays as it is; one that the filing has no
// more is found by its next check.
func (s *Store) watchOps(before, after register.Filing) []writeOp {
	had := watchedHosts(before)
	var ops []writeOp
	for _, host := range watchedHosts(after) {
		if slices.Contains(had, host) {
			continue
		}
		k := sitewatch.Key{Filing: after.ID, Host: host}
		ops = append(ops, writeOp{write: types.TransactWriteItem{Update: &types.Update{
			TableName: aws.String(s.Table), Key: watchKey(k),
			UpdateExpression:         aws.String("SET #due = if_not_exists(#due, :queue), #at = if_not_exists(#at, :at), #since = if_not_exists(#since, :since)"),
			ExpressionAttributeNames: map[string]string{"#due": attrDue, "#at": attrDueAt, "#since": attrSince},
			ExpressionAttributeValues: item{":queue": stringValue(string(dueWatches)), ":since": stringValue(sortableTime(after.ChangedAt)),
				":at": stringValue(dueKey(sitewatch.FirstCheck(host, after.ChangedAt), dueID(k)))},
		}}})
	}
	return ops
}

// AddMissingRows adds the rows that make a filing and its hosts due, if the filing was stored by a version of Beian that did not write them. Existing rows stay as
// they are. What was missing becomes due within a day after a time, at moments that spread the filings and hosts evenly.
func (s *Store) AddMissingRows(ctx context.Context, f register.Filing, at time.Time) (upkeep bool, hosts int, err error) {
	row := itemKey(filingPK(f.ID), skUpkeep)
	row[attrVersion] = numberValue(1)
	dueFilings.setDue(row, sitewatch.FirstCheck(string(f.ID), at), string(f.ID))
	if upkeep, err = s.putMissing(ctx, row); err != nil {
		return upkeep, 0, err
	}
	for _, host := range watchedHosts(f) {
		k := sitewatch.Key{Filing: f.ID, Host: host}
		row := watchKey(k)
		row[attrSince] = stringValue(sortableTime(at))
		dueWatches.setDue(row, sitewatch.FirstCheck(host, at), dueID(k))
		missing, err := s.putMissing(ctx, row)
		if err != nil {
			return upkeep, hosts, err
		}
		if missing {
			hosts++
		}
	}
	return upkeep, hosts, nil
}

// putMissing writes a row if there is none with its key. It returns false if there is one.
func (s *Store) putMissing(ctx context.Context, row item) (bool, error) {
	err := s.putItem(ctx, s.newPut(row, "attribute_not_exists(pk)"))
	if exists := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &exists) {
		return false, nil
	}
	return err == nil, err
}

// watchedHosts returns the domains of a filing's websites to which we give access.
func watchedHosts(f register.Filing) []string {
	var hosts []string
	for _, site := range f.Sites {
		if _, ours := site.OurAccess(); f.Status != register.Filed || !ours || site.Number.Service != number.Site {
			continue
		}
		for _, d := range site.Domains {
			if !slices.Contains(hosts, string(d.Name)) {
				hosts = append(hosts, string(d.Name))
			}
		}
	}
	return hosts
}

// DueWatches lists the hosts that are due at a time, the earliest first.
func (s *Store) DueWatches(ctx context.Context, until time.Time, cursor string, limit int) ([]sitewatch.Key, string, error) {
	return listDue(ctx, s, dueWatches, until, cursor, limit, func(key item) sitewatch.Key {
		return sitewatch.Key{Filing: register.ID(strings.TrimPrefix(stringAttr(key, attrPK), filingPK(""))), Host: strings.TrimPrefix(stringAttr(key, attrSK), watchPrefix)}
	})
}

var errNoWatch = fault.New(fault.NotFound, "没有监测这个域名。", "The host is not watched.")

// Watch returns the watch of a host, or a fault of kind NotFound. If the row cannot be decoded, the watch has its version beside the error, for PostponeWatch.
func (s *Store) Watch(ctx context.Context, k sitewatch.Key) (sitewatch.Watch, error) {
	row, err := s.getKey(ctx, watchKey(k))
	if err != nil {
		return sitewatch.Watch{}, err
	}
	if row == nil {
		return sitewatch.Watch{}, errNoWatch
	}
	return openWatch(k, row)
}

func openWatch(k sitewatch.Key, row item) (sitewatch.Watch, error) {
	w := sitewatch.Watch{Key: k, Version: int(numberAttr(row, attrVersion))}
	if doc := binaryAttr(row, attrDoc); doc != nil {
		if err := json.Unmarshal(doc, &w); err != nil {
			return sitewatch.Watch{Key: k, Version: w.Version}, fault.Wrap(fault.Internal, err)
		}
	}
	since, err := time.Parse(timeLayout, stringAttr(row, attrSince))
	if err != nil {
		return w, fault.Wrap(fault.Internal, err)
	}
	at, _, _ := strings.Cut(stringAttr(row, attrDueAt), "#")
	if w.Due, err = time.Parse(timeLayout, at); err != nil {
		return w, fault.Wrap(fault.Internal, err)
	}
	w.Since = since
	return w, nil
}

// CommitWatch stores a watch on condition that the version before is stored, and the entry of its history if there is one.
func (s *Store) CommitWatch(ctx context.Context, w sitewatch.Watch, e *sitewatch.Entry) error {
	doc, err := json.Marshal(w)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row := watchKey(w.Key)
	row[attrDoc], row[attrVersion], row[attrSince] = binaryValue(doc), numberValue(int64(w.Version)), stringValue(sortableTime(w.Since))
	dueWatches.setDue(row, w.Due, dueID(w.Key))
	put := s.newPut(row, "version = :before")
	put.ExpressionAttributeValues = item{":before": numberValue(int64(w.Version - 1))}
	if w.Version == 1 {
		put = s.newPut(row, "attribute_exists(pk) AND attribute_not_exists(version)")
	}
	if e == nil { // a transaction costs twice
		err := s.putItem(ctx, put)
		if changed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &changed) {
			return errStaleWatch
		}
		return err
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	entry := itemKey(filingPK(w.Filing), fmt.Sprintf("%s%08d", watchEntryPrefix(w.Host), w.Entries))
	entry[attrDoc] = binaryValue(line)
	return s.writeOps(ctx, []writeOp{{write: types.TransactWriteItem{Put: put}}, {write: types.TransactWriteItem{Put: s.newPut(entry, "attribute_not_exists(pk)")}}})
}

var errStaleWatch = fault.New(fault.Stale, "同时进行了另一次检查。", "Another check was stored first.")

// PostponeWatch sets when a host is due next. It has no effect if the watch has another version.
func (s *Store) PostponeWatch(ctx context.Context, k sitewatch.Key, version int, at time.Time) error {
	if version > 0 {
		return s.postpone(ctx, dueWatches, watchKey(k), version, at, dueID(k))
	}
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: watchKey(k), ConditionExpression: aws.String("attribute_exists(pk) AND attribute_not_exists(version)"),
		UpdateExpression: aws.String("SET #at = :at"), ExpressionAttributeNames: map[string]string{"#at": attrDueAt},
		ExpressionAttributeValues: item{":at": stringValue(dueKey(at, dueID(k)))},
	})
	if changed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &changed) {
		return nil
	}
	return classify(err)
}

// DeleteWatch ends the watch of a host that a version of a filing does not have. The error is a fault of kind Stale if there is another version.
func (s *Store) DeleteWatch(ctx context.Context, k sitewatch.Key, version int) error {
	return s.writeOps(ctx, []writeOp{
		{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.Table), Key: watchKey(k)}}},
		{write: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: aws.String(s.Table), Key: itemKey(filingPK(k.Filing), skFiling),
			ConditionExpression: aws.String("version = :version"), ExpressionAttributeValues: item{":version": numberValue(int64(version))}}}},
	})
}

// Watches returns the watches of a filing, by host.
func (s *Store) Watches(ctx context.Context, id register.ID) ([]sitewatch.Watch, error) {
	rows, err := s.listRows(ctx, filingPK(id), watchPrefix, 0)
	if err != nil {
		return nil, err
	}
	var all []sitewatch.Watch
	for _, row := range rows {
		w, err := openWatch(sitewatch.Key{Filing: id, Host: strings.TrimPrefix(stringAttr(row, attrSK), watchPrefix)}, row)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// WatchHistory returns the entries of a host's history, in their order.
func (s *Store) WatchHistory(ctx context.Context, k sitewatch.Key) ([]sitewatch.Entry, error) {
	rows, err := s.listRows(ctx, filingPK(k.Filing), watchEntryPrefix(k.Host), 0)
	if err != nil {
		return nil, err
	}
	var all []sitewatch.Entry
	for _, row := range rows {
		var e sitewatch.Entry
		if err := Unpack(binaryAttr(row, attrDoc), &e); err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		all = append(all, e)
	}
	return all, nil
}
