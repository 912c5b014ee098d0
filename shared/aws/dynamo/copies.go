package dynamo

import (
	"context"
	"encoding/json"
	"time"

	"beian/shared/filing/register"
	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
)

// copyTTL is how long the differences from a full copy are stored. A newer copy has its own.
const copyTTL = 90 * 24 * time.Hour

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

// differenceDataKey returns the name of the data key of what the bureau has in a difference.
func differenceDataKey(pk string, d exchange.Difference) string {
	return "difference/" + pk + "/" + differenceKey(d)
}

// Copy returns the newest full copy of a link; the zero Copy if none came yet.
func (s *Store) Copy(ctx context.Context, link string) (c exchange.Copy, err error) {
	_, err = s.getDoc(ctx, linkPK(link), skCopy, &c)
	return c, err
}

// PutCopy replaces the newest full copy of a link.
func (s *Store) PutCopy(ctx context.Context, link string, c exchange.Copy) error {
	return s.putDoc(ctx, linkPK(link), skCopy, c)
}

// putExpiring stores a row with a document that DynamoDB deletes after [copyTTL].
func (s *Store) putExpiring(ctx context.Context, row item, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row[attrDoc], row[attrTTL] = binaryValue(doc), numberValue(s.Wall().Add(copyTTL).Unix())
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
// Filed, the key of the earlier one is deleted.
func (s *Store) PutDifference(ctx context.Context, link, copyID string, d exchange.Difference) error {
	pk, settled := copyPK(link, copyID), !d.SettledAt.IsZero()
	row := itemKey(pk, differencePrefix(settled)+differenceKey(d))
	if d.Filed != nil {
		text, err := json.Marshal(sealedFiling{*d.Filed, d.Filed.Private})
		if err != nil {
			return fault.Wrap(fault.Internal, err)
		}
		if err := s.Encrypter.NewKey(ctx, differenceDataKey(pk, d)); err != nil {
			return err
		}
		sealed, err := s.Encrypter.Encrypt(ctx, differenceDataKey(pk, d), differencePurpose, text)
		if err != nil {
			return err
		}
		row[attrSealed] = binaryValue(sealed)
	}
	if err := s.putExpiring(ctx, row, d); err != nil {
		return err
	}
	if err := s.deleteItem(ctx, itemKey(pk, differencePrefix(!settled)+differenceKey(d))); err != nil || d.Filed != nil {
		return err
	}
	return s.Encrypter.DeleteKey(ctx, differenceDataKey(pk, d))
}

// DeleteDifference removes a difference, with the data key of what the bureau has.
func (s *Store) DeleteDifference(ctx context.Context, link, copyID string, d exchange.Difference) error {
	pk := copyPK(link, copyID)
	if err := s.Encrypter.DeleteKey(ctx, differenceDataKey(pk, d)); err != nil {
		return err
	}
	return s.deleteItem(ctx, itemKey(pk, differencePrefix(!d.SettledAt.IsZero())+differenceKey(d)))
}

// Differences lists the open or the settled differences of a copy, in the order of their numbers, without what the bureau has.
func (s *Store) Differences(ctx context.Context, link, copyID string, settled bool, cursor string, limit int) (found []exchange.Difference, next string, err error) {
	rows, next, err := s.listPage(ctx, copyPK(link, copyID), differencePrefix(settled), cursor, limit, false)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		var d exchange.Difference
		if err := json.Unmarshal(binaryAttr(row, attrDoc), &d); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
		found = append(found, d)
	}
	return found, next, nil
}

// OpenDifference returns the open difference about the filing with a subject's number, with what the bureau has. known is false if there is none.
func (s *Store) OpenDifference(ctx context.Context, link, copyID, number string) (d exchange.Difference, known bool, err error) {
	pk := copyPK(link, copyID)
	row, err := s.getItem(ctx, pk, openPrefix+differenceKey(exchange.Difference{Number: number}))
	if err != nil || row == nil {
		return d, false, err
	}
	if err := json.Unmarshal(binaryAttr(row, attrDoc), &d); err != nil {
		return d, false, fault.Wrap(fault.Internal, err)
	}
	sealed := binaryAttr(row, attrSealed)
	if sealed == nil {
		return d, true, nil
	}
	text, err := s.Encrypter.Decrypt(ctx, differenceDataKey(pk, d), differencePurpose, sealed)
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
