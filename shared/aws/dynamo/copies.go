package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/process/envelope"
	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
)

// copyTTL is how long the differences from a full copy are stored, but for those with what the bureau has. A newer copy has its own.
const copyTTL = exchange.DifferenceDays * 24 * time.Hour

// openDifferences is the partition of the index "open" for the differences with what the bureau has. DynamoDB does not delete them, because their data
// keys have to end first.
const openDifferences = "difference"

const (
	skCopy        = "COPY"
	seenPrefix    = "SEEN#"
	openPrefix    = "OPEN#"
	settledPrefix = "SETTLED#"
	// differencePurpose is the purpose of the ciphertext of what the bureau has in a difference.
	differencePurpose = "difference"
)

func copyPK(link, copyID string) string { return "COPY#" + link + "#" + copyID }

func differencePrefix(settled bool) string {
	if settled {
		return settledPrefix
	}
	return openPrefix
}

func differenceKey(d exchange.Difference) string { return d.Number + "#" + d.Site }

// differenceDataKey returns the name of the data key of what the bureau has in the difference with a key in a partition.
func differenceDataKey(pk, key string) string { return "difference/" + pk + "/" + key }

// Copy returns the newest full copy of a link; the zero Copy if none came yet.
func (s *Store) Copy(ctx context.Context, link string) (c exchange.Copy, err error) {
	_, err = s.getDoc(ctx, linkPK(link), skCopy, &c)
	return c, err
}

// PutCopy replaces the newest full copy of a link.
func (s *Store) PutCopy(ctx context.Context, link string, c exchange.Copy) error {
	return s.putDoc(ctx, linkPK(link), skCopy, c)
}

// putExpiring stores a row with a document that DynamoDB deletes after [copyTTL], unless the row is listed by [Store.OldDifferences].
func (s *Store) putExpiring(ctx context.Context, row item, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row[attrDoc] = binaryValue(doc)
	if row[attrOpen] == nil {
		row[attrTTL] = numberValue(s.Wall().Add(copyTTL).Unix())
	}
	return s.putItem(ctx, s.newPut(row, ""))
}

// PutSeen stores which filings are in a part of a file of a copy.
func (s *Store) PutSeen(ctx context.Context, link, copyID, part string, filings []register.ID) error {
	return s.putExpiring(ctx, itemKey(copyPK(link, copyID), seenPrefix+part), filings)
}

// Seen returns the filings that are in the stored parts of a copy.
func (s *Store) Seen(ctx context.Context, link, copyID string) ([]register.ID, error) {
	parts, err := listDocs[[]register.ID](ctx, s, copyPK(link, copyID), seenPrefix, 0)
	var all []register.ID
	for _, part := range parts {
		all = append(all, part...)
	}
	return all, err
}

// A sealedFiling is what the bureau has in a difference, with its personal data.
type sealedFiling struct {
	Filing  register.Filing  `json:"filing"`
	Private register.Private `json:"private"`
}

// PutDifference stores a difference, in place of an earlier one with its number and site. Filed is encrypted under a key of the difference; without
// Filed, the key of the earlier one is deleted first: if the caller ends half-way, the earlier row stays, by which the next call finds it.
func (s *Store) PutDifference(ctx context.Context, link, copyID string, d exchange.Difference) error {
	pk, settled := copyPK(link, copyID), !d.SettledAt.IsZero()
	row := itemKey(pk, differencePrefix(settled)+differenceKey(d))
	if d.Filed != nil {
		text, err := json.Marshal(sealedFiling{*d.Filed, d.Filed.Private})
		if err != nil {
			return fault.Wrap(fault.Internal, err)
		}
		if err := s.Encrypter.NewKey(ctx, differenceDataKey(pk, differenceKey(d))); err != nil {
			return err
		}
		sealed, err := s.Encrypter.Encrypt(ctx, differenceDataKey(pk, differenceKey(d)), differencePurpose, text)
		if err != nil {
			return err
		}
		row[attrSealed] = binaryValue(sealed)
		row[attrOpen], row[attrAt] = stringValue(openDifferences), stringValue(sortableTime(d.SeenAt)+"#"+pk+"#"+differenceKey(d))
	} else if err := s.Encrypter.DeleteKey(ctx, differenceDataKey(pk, differenceKey(d))); err != nil {
		return err
	}
	if err := s.putExpiring(ctx, row, d); err != nil {
		return err
	}
	return s.deleteItem(ctx, itemKey(pk, differencePrefix(!settled)+differenceKey(d)))
}

// DeleteDifference removes a difference, with the data key of what the bureau has.
func (s *Store) DeleteDifference(ctx context.Context, link, copyID string, d exchange.Difference) error {
	pk := copyPK(link, copyID)
	if err := s.Encrypter.DeleteKey(ctx, differenceDataKey(pk, differenceKey(d))); err != nil {
		return err
	}
	return s.deleteItem(ctx, itemKey(pk, differencePrefix(!d.SettledAt.IsZero())+differenceKey(d)))
}

// OldDifferences lists the open differences that were seen before a time and have what the bureau has, oldest first, at most limit, of all copies.
func (s *Store) OldDifferences(ctx context.Context, before time.Time, limit int) ([]exchange.StoredDifference, error) {
	rows, err := s.listBefore(ctx, openDifferences, before, limit)
	if err != nil {
		return nil, err
	}
	found := make([]exchange.StoredDifference, len(rows))
	for i, row := range rows {
		if found[i].At, err = timeOfRow(row); err != nil {
			return nil, err
		}
		found[i].Row = [2]string{stringAttr(row, attrPK), stringAttr(row, attrSK)}
	}
	return found, nil
}

// EraseDifference deletes an old difference: first the data key, so that an erasure that ends half-way is repeated.
func (s *Store) EraseDifference(ctx context.Context, d exchange.StoredDifference) error {
	pk, key := d.Row[0], strings.TrimPrefix(d.Row[1], openPrefix)
	if err := s.Encrypter.DeleteKey(ctx, differenceDataKey(pk, key)); err != nil {
		return err
	}
	return s.deleteItem(ctx, itemKey(pk, d.Row[1]))
}

// Differences lists the open or the settled differences of a copy, in the order of their numbers, without what the bureau has.
func (s *Store) Differences(ctx context.Context, link, copyID string, settled bool, cursor string, limit int) (found []exchange.Difference, next string, err error) {
	rows, next, err := s.listPage(ctx, copyPK(link, copyID), differencePrefix(settled), cursor, limit, false)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		var d exchange.Difference
		if err := Unpack(binaryAttr(row, attrDoc), &d); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
		found = append(found, d)
	}
	return found, next, nil
}

// OpenDifference returns the open difference about the filing with a subject's number, with what the bureau has unless that is deleted. known is false
// if there is none.
func (s *Store) OpenDifference(ctx context.Context, link, copyID, number string) (d exchange.Difference, known bool, err error) {
	pk := copyPK(link, copyID)
	row, err := s.getItem(ctx, pk, openPrefix+differenceKey(exchange.Difference{Number: number}))
	if err != nil || row == nil {
		return d, false, err
	}
	if err := Unpack(binaryAttr(row, attrDoc), &d); err != nil {
		return d, false, fault.Wrap(fault.Internal, err)
	}
	sealed := binaryAttr(row, attrSealed)
	if sealed == nil {
		return d, true, nil
	}
	text, err := s.Encrypter.Decrypt(ctx, differenceDataKey(pk, differenceKey(d)), differencePurpose, sealed)
	if errors.Is(err, envelope.ErrErased) { // the call that deletes the row ended half-way
		return d, true, nil
	}
	if err != nil {
		return d, false, err
	}
	var opened sealedFiling
	if err := json.Unmarshal(text, &opened); err != nil {
		return d, false, fault.Wrap(fault.Internal, err)
	}
	opened.Filing.Private = opened.Private
	d.Filed = &opened.Filing
	return d, true, nil
}

// StandingFilingsByAge lists the filings that stand, the one that was changed longest ago first. They are without personal data.
func (s *Store) StandingFilingsByAge(ctx context.Context, cursor string, limit int) (found []register.Filing, next string, err error) {
	return s.listFilings(ctx, indexOpen, attrOpen, allFilings, cursor, limit, true)
}
