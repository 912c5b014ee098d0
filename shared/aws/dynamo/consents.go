package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/limits"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

const (
	skConsent, skRevocation = "CONSENT", "REVOCATION"
	skConsents              = "CONSENTS"
	consentPrefix           = "CONSENT#"
	// consentKey is the name of the data key of all consents. They have no personal data; encryption keeps their codes secret, and keeps a writer of
	// the table from giving a consent.
	consentKey = "consents"
	// requestedTTL is how long a request is stored that was not answered.
	requestedTTL = register.CodeLifetime + 24*time.Hour
	attrEnded    = "ended"
	attrConsent  = "consent" // the id of a consent
	allConsents  = "consents"
	skAgency     = "AGENCY"
	// agencyPurpose is the purpose of the contact of an agency.
	agencyPurpose = "agency"
	// agencyTTL is how long the contact of an agency is stored: longer than the longest consent that was given when it was stored.
	agencyTTL = (register.MaxConsentMonths*31 + 7) * 24 * time.Hour
)

// agencyKey returns the name of the data key of an agency's contact.
func agencyKey(a register.Account) string { return "agency/" + string(a) }

func consentPK(id string) string               { return consentPrefix + id }
func revocationPK(id string) string            { return "REVOCATION#" + id }
func consentsOf(a register.Account) string     { return "consents " + string(a) }
func leaderConsentsPK(leaderKey string) string { return "CONSENTS#" + leaderKey }

// ConsentLeaderKey returns the keyed hash of the mobile of a leader who gives a consent.
func (s *Store) ConsentLeaderKey(ctx context.Context, mobile contact.Mobile) (string, error) {
	return s.Encrypter.Index(ctx, "consent-leader", contact.NormalizeMobile(mobile.Reveal()).Reveal())
}

// RequesterKey returns the keyed hash of the network address that a request came from.
func (s *Store) RequesterKey(ctx context.Context, address limits.Key) (string, error) {
	return s.Encrypter.Index(ctx, "requester", address.Value)
}

// Consent returns a consent; the zero Consent if there is none.
func (s *Store) Consent(ctx context.Context, id string) (c register.Consent, err error) {
	row, err := s.getItem(ctx, consentPK(id), skConsent)
	if err == nil && row != nil {
		err = s.decryptConsent(ctx, consentPK(id), row, &c)
	}
	return c, err
}

// ConsentOf returns the newest consent that an account was given for a filing, also one that has ended; the zero Consent if there is none.
func (s *Store) ConsentOf(ctx context.Context, account register.Account, f register.ID) (register.Consent, error) {
	row, err := s.getItem(ctx, filingPK(f), consentPrefix+string(account))
	if err != nil || row == nil {
		return register.Consent{}, err
	}
	c, err := s.Consent(ctx, stringAttr(row, attrConsent))
	if err == nil && (c.Account != account || c.Filing != f) {
		return register.Consent{}, nil
	}
	return c, err
}

// ListConsents lists the consents of an account, or of all if it is "", the one that was requested last first.
func (s *Store) ListConsents(ctx context.Context, account register.Account, cursor string, limit int) ([]register.Consent, string, error) {
	index, attr, value := indexMine, attrMine, consentsOf(account)
	if account == "" {
		index, attr, value = indexOpen, attrOpen, allConsents
	}
	rows, next, err := s.listIndex(ctx, index, attr, value, cursor, limit, false)
	if err != nil {
		return nil, "", err
	}
	var found []register.Consent
	for _, row := range rows {
		c, err := s.Consent(ctx, stringAttr(row, attrPK)[len(consentPrefix):])
		if err != nil {
			return nil, "", err
		}
		if c.ID != "" {
			found = append(found, c)
		}
	}
	return found, next, nil
}

// ConsentsOfFiling returns the newest consent of each account for a filing, also those that have ended.
func (s *Store) ConsentsOfFiling(ctx context.Context, f register.ID) ([]register.Consent, error) {
	return s.readConsents(ctx, filingPK(f), consentPrefix)
}

// ConsentsOfLeader returns the consents that the holder of a mobile gave, also those that have ended.
func (s *Store) ConsentsOfLeader(ctx context.Context, leaderKey string) ([]register.Consent, error) {
	return s.readConsents(ctx, leaderConsentsPK(leaderKey), consentPrefix)
}

func (s *Store) readConsents(ctx context.Context, pk, prefix string) ([]register.Consent, error) {
	rows, err := s.listRows(ctx, pk, prefix, 0)
	if err != nil {
		return nil, err
	}
	var found []register.Consent
	for _, row := range rows {
		c, err := s.Consent(ctx, stringAttr(row, attrConsent))
		if err != nil {
			return nil, err
		}
		if c.ID != "" {
			found = append(found, c)
		}
	}
	return found, nil
}

// CommitConsents stores the next versions of consents with notices, in one transaction: a new request, an answer, or the end of several. A consent
// that is given replaces the account's consent for the same filing, which the caller ends in the same call. The request, if it has a key, is about the
// first consent; failure is the answer to it, nil for success. The error is [fault.Contended] if another version was stored first, and a
// *decide.RepeatedError if the request was carried out before.
func (s *Store) CommitConsents(ctx context.Context, consents []register.Consent, request decide.Request, failure *filing.Failure, notices ...register.Notice) error {
	var ops []writeOp
	for _, c := range consents {
		more, err := s.consentOps(ctx, c)
		if err != nil {
			return err
		}
		ops = append(ops, more...)
	}
	answer := decide.RepeatedError{Failure: failure}
	if len(consents) > 0 {
		answer.Consent = consents[0].ID
	}
	return s.commitRegister(ctx, ops, nil, request, answer, notices)
}

func (s *Store) consentOps(ctx context.Context, c register.Consent) ([]writeOp, error) {
	row, err := s.encryptConsent(ctx, consentPK(c.ID), skConsent, c)
	if err != nil {
		return nil, err
	}
	row[attrVersion], row[attrMine], row[attrOpen] = numberValue(int64(c.Version)), stringValue(consentsOf(c.Account)), stringValue(allConsents)
	row[attrAt] = stringValue(sortableTime(c.At) + "#" + c.ID)
	expires := s.Wall().Add(requestedTTL)
	if !c.GivenAt.IsZero() {
		expires = s.Wall().Add(c.Until.Time().Sub(c.GivenAt) + readTTL)
	}
	row[attrTTL] = numberValue(expires.Unix())
	if !c.EndedAt.IsZero() {
		row[attrEnded] = stringValue(string(c.EndedBy))
	}
	ops := []writeOp{{write: types.TransactWriteItem{Put: s.nextVersion(row, c.Version)}}}
	if c.GivenAt.IsZero() || !c.EndedAt.IsZero() {
		return ops, nil
	}
	ops = append(ops, s.givenOps(c)...)
	for _, found := range []item{itemKey(filingPK(c.Filing), consentPrefix+string(c.Account)), itemKey(leaderConsentsPK(c.LeaderKey), consentPrefix+c.ID)} {
		found[attrConsent], found[attrTTL] = stringValue(c.ID), numberValue(expires.Unix())
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(found, "")}})
	}
	return ops, nil
}

// givenOps are the conditions of a consent that is given: its filing is still the version whose leader gave it or, of a first filing, does not exist.
// They count the consents of the filing, so that a concurrent change of its leader fails; see [Store.formerConsentOps].
func (s *Store) givenOps(c register.Consent) []writeOp {
	stands := &types.ConditionCheck{TableName: aws.String(s.Table), Key: itemKey(filingPK(c.Filing), skFiling), ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if c.FilingVersion > 0 {
		stands.ConditionExpression, stands.ExpressionAttributeValues = aws.String("version = :version"), item{":version": numberValue(int64(c.FilingVersion))}
	}
	return []writeOp{{write: types.TransactWriteItem{ConditionCheck: stands}}, {write: types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.Table), Key: itemKey(filingPK(c.Filing), skConsents), UpdateExpression: aws.String("ADD version :one"),
		ExpressionAttributeValues: item{":one": numberValue(1)}}}}}
}

// maxEndedWith is the number of consents that end in the transaction of a filing's new version. Those before end in earlier transactions.
const maxEndedWith = 6

// formerConsentOps ends the consents for a filing that were given by another mobile than the leader's in its new version, and informs the leader. The
// transaction fails as Stale if a consent was given meanwhile.
func (s *Store) formerConsentOps(ctx context.Context, c register.Change) ([]writeOp, error) {
	mobile := c.After.Private.Subject.Leader.Mobile
	if c.Before.Version == 0 || c.Before.Private.Subject.Leader.Mobile == mobile {
		return nil, nil
	}
	counted, err := s.getItem(ctx, filingPK(c.After.ID), skConsents)
	if err != nil {
		return nil, err
	}
	found, err := s.ConsentsOfFiling(ctx, c.After.ID)
	if err != nil {
		return nil, err
	}
	leader, err := s.ConsentLeaderKey(ctx, mobile)
	if err != nil {
		return nil, err
	}
	var ended [][]writeOp
	for _, consent := range found {
		after, err := consent.End(register.EndedByNewLeader, "", c.Entry.At)
		if err != nil || consent.LeaderKey == leader {
			continue // it has ended, or has the new leader
		}
		ops, err := s.consentOps(ctx, after)
		if err != nil {
			return nil, err
		}
		for _, n := range after.EndNotices() {
			ops = append(ops, s.noticeOp(n))
		}
		ended = append(ended, ops)
	}
	for len(ended) > maxEndedWith {
		if err := s.writeOps(ctx, ended[0]); err != nil {
			return nil, err
		}
		ended = ended[1:]
	}
	before := numberAttr(counted, attrVersion)
	row := itemKey(filingPK(c.After.ID), skConsents)
	row[attrVersion] = numberValue(before + 1)
	return append(slices.Concat(ended...), writeOp{write: types.TransactWriteItem{Put: s.nextVersion(row, int(before)+1)}}), nil
}

// AgencyContact returns the contact of an account that was given a consent, as it was at the newest one; the zero Party if there is none.
func (s *Store) AgencyContact(ctx context.Context, account register.Account) (p register.Party, err error) {
	row, err := s.getItem(ctx, accountPK(account), skAgency)
	if err != nil || row == nil {
		return p, err
	}
	doc, err := s.Encrypter.Decrypt(ctx, agencyKey(account), agencyPurpose, binaryAttr(row, attrSealed))
	if err != nil {
		return p, err
	}
	return p, fault.Wrap(fault.Internal, json.Unmarshal(doc, &p))
}

// PutAgencyContact stores the contact of an account that is given a consent, for messages about its end.
func (s *Store) PutAgencyContact(ctx context.Context, account register.Account, p register.Party) error {
	if err := s.Encrypter.NewKey(ctx, agencyKey(account)); err != nil {
		return err
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	sealed, err := s.Encrypter.Encrypt(ctx, agencyKey(account), agencyPurpose, doc)
	if err != nil {
		return err
	}
	row := itemKey(accountPK(account), skAgency)
	row[attrSealed], row[attrTTL] = binaryValue(sealed), numberValue(s.Wall().Add(agencyTTL).Unix())
	return s.writeOps(ctx, []writeOp{{write: types.TransactWriteItem{Put: s.newPut(row, "")}}})
}

// Revocation returns a leader's request to revoke consents; the zero ConsentRevocation if there is none.
func (s *Store) Revocation(ctx context.Context, id string) (r register.ConsentRevocation, err error) {
	row, err := s.getItem(ctx, revocationPK(id), skRevocation)
	if err == nil && row != nil {
		err = s.decryptConsent(ctx, revocationPK(id), row, &r)
	}
	return r, err
}

// CommitRevocation stores the next version of a leader's request with the consents that it ends, and notices. The error is [fault.Contended] if
// another version was stored first.
func (s *Store) CommitRevocation(ctx context.Context, r register.ConsentRevocation, ended []register.Consent, notices ...register.Notice) error {
	row, err := s.encryptConsent(ctx, revocationPK(r.ID), skRevocation, r)
	if err != nil {
		return err
	}
	row[attrVersion], row[attrTTL] = numberValue(int64(r.Version)), numberValue(s.Wall().Add(requestedTTL).Unix())
	ops := []writeOp{{write: types.TransactWriteItem{Put: s.nextVersion(row, r.Version)}}}
	for _, c := range ended {
		more, err := s.consentOps(ctx, c)
		if err != nil {
			return err
		}
		ops = append(ops, more...)
	}
	return s.commitRegister(ctx, ops, nil, decide.Request{}, decide.RepeatedError{}, notices)
}

// encryptConsent returns a row with an encrypted document. Its purpose is the row's key, so that no row can stand for another one.
func (s *Store) encryptConsent(ctx context.Context, pk, sk string, value any) (item, error) {
	doc, err := json.Marshal(value)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	sealed, err := s.Encrypter.Encrypt(ctx, consentKey, pk, doc)
	if errors.Is(err, envelope.ErrErased) { // the first consent
		if err = s.Encrypter.NewKey(ctx, consentKey); err == nil {
			sealed, err = s.Encrypter.Encrypt(ctx, consentKey, pk, doc)
		}
	}
	if err != nil {
		return nil, err
	}
	row := itemKey(pk, sk)
	row[attrSealed] = binaryValue(sealed)
	return row, nil
}

func (s *Store) decryptConsent(ctx context.Context, pk string, row item, into any) error {
	doc, err := s.Encrypter.Decrypt(ctx, consentKey, pk, binaryAttr(row, attrSealed))
	if err != nil {
		return err
	}
	return fault.Wrap(fault.Internal, json.Unmarshal(doc, into))
}

// consentOp fails a transaction unless the consent by which its actor acts stands.
func (s *Store) consentOp(id string) writeOp {
	return writeOp{write: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: aws.String(s.Table), Key: itemKey(consentPK(id), skConsent),
		ConditionExpression: aws.String("attribute_exists(pk) AND attribute_not_exists(" + attrEnded + ")")}},
		failed: conflict(finding.New(register.CodeConsentRevoked, ""))}
}
