package dynamo

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

const (
	skClaim, skTransfer = "CLAIM", "TRANSFER"
	claimPurpose        = "claim"
	transferPurpose     = "transfer"
	// claimTTL is how long a claim is stored: a day longer than its code is valid.
	claimTTL = register.CodeLifetime + 24*time.Hour
	// transferTTL is how long the code of a transfer finds it.
	transferTTL = register.TransferLifetime + 24*time.Hour
)

// claimKey returns the name of the data key of an account's claims.
func claimKey(a register.Account) string { return "claim/" + string(a) }

func transferCodePK(codeKey string) string { return "TRANSFER#" + codeKey }

// Claim returns the account's newest claim; the zero Claim if it has none.
func (s *Store) Claim(ctx context.Context, account register.Account) (register.Claim, error) {
	row, err := s.getItem(ctx, accountPK(account), skClaim)
	if err != nil || row == nil {
		return register.Claim{}, err
	}
	doc, err := s.Encrypter.Decrypt(ctx, claimKey(account), claimPurpose, binaryAttr(row, attrSealed))
	if err != nil {
		return register.Claim{}, err
	}
	var c register.Claim
	return c, fault.Wrap(fault.Internal, json.Unmarshal(doc, &c))
}

// CommitClaim stores the next version of an account's claim, with the version of the filing that it makes, which may be nil, the request, and the
// notices. failure is the answer to the request, nil for success. The error is [fault.Contended] if another version was stored first, and of kind Conflict if
// an application of the filing's subject is submitted; it is a *decide.RepeatedError if the request was carried out before.
func (s *Store) CommitClaim(ctx context.Context, c register.Claim, change *register.Change, request decide.Request, failure *filing.Failure, notices ...register.Notice) error {
	if err := s.Encrypter.NewKey(ctx, claimKey(c.Account)); err != nil {
		return err
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	sealed, err := s.Encrypter.Encrypt(ctx, claimKey(c.Account), claimPurpose, doc)
	if err != nil {
		return err
	}
	row := itemKey(accountPK(c.Account), skClaim)
	row[attrSealed], row[attrVersion] = binaryValue(sealed), numberValue(int64(c.Version))
	row[attrTTL] = numberValue(s.Wall().Add(claimTTL).Unix())
	ops := []writeOp{{write: types.TransactWriteItem{Put: s.nextVersion(row, c.Version)}}}
	if change != nil {
		ops = append(ops, s.noOrderOp(filing.Lock{Kind: filing.SubjectLock, Key: change.After.SubjectKey}, register.CodeClaimOrderOpen))
	}
	return s.commitRegister(ctx, ops, change, request, decide.RepeatedError{Filing: c.Filing, Failure: failure}, notices)
}

// nextVersion returns the put of a row that is the given version of what it stores. The row may be gone, because DynamoDB deletes claims.
func (s *Store) nextVersion(row item, version int) *types.Put {
	put := s.newPut(row, "attribute_not_exists(pk) OR version = :before")
	put.ExpressionAttributeValues = item{":before": numberValue(int64(version - 1))}
	return put
}

// noOrderOp fails with a finding if an order holds a lock.
func (s *Store) noOrderOp(l filing.Lock, code finding.Code) writeOp {
	return writeOp{write: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: aws.String(s.Table), Key: lockKey(l),
		ConditionExpression: aws.String("attribute_not_exists(pk)")}}, failed: conflict(finding.New(code, ""))}
}

// commitRegister writes the operations with a version of a filing, the outbox entries of notices, and the request with the answer to its
// repetition, in one transaction. The error is [fault.Contended] if another version was stored first.
func (s *Store) commitRegister(ctx context.Context, ops []writeOp, change *register.Change, request decide.Request, answer decide.RepeatedError, notices []register.Notice) error {
	filings, err := s.registerOps(ctx, change)
	if fault.KindOf(err) == fault.Stale {
		return fault.Contended(err)
	}
	if err != nil {
		return err
	}
	ops = append(ops, filings...)
	for _, n := range notices {
		ops = append(ops, s.noticeOp(n))
	}
	if request.Key != "" {
		op, err := s.requestOp(ctx, request, answer)
		if err != nil {
			return err
		}
		ops = append(ops, op)
	}
	err = s.writeRequested(ctx, ops, request)
	if fault.KindOf(err) == fault.Stale { // the caller named no version
		return fault.Contended(err)
	}
	return err
}

// noticeOp writes the outbox entry of a notice.
func (s *Store) noticeOp(n register.Notice) writeOp {
	e := decide.OutboxEntry{ID: newEntryID(decide.SendRegisterNotice, string(n.Filing)), Kind: decide.SendRegisterNotice, Register: n, At: s.Wall().UTC()}
	return writeOp{write: types.TransactWriteItem{Put: s.newPut(entryItem(e), "")}}
}

// Transfer returns the newest transfer of a filing; the zero Transfer if it has none.
func (s *Store) Transfer(ctx context.Context, id register.ID) (register.Transfer, error) {
	row, err := s.getItem(ctx, filingPK(id), skTransfer)
	if err != nil || row == nil {
		return register.Transfer{}, err
	}
	var t register.Transfer
	if err := Unpack(binaryAttr(row, attrDoc), &t); err != nil {
		return t, fault.Wrap(fault.Internal, err)
	}
	private, err := s.Encrypter.Decrypt(ctx, registerKey(id), transferPurpose, binaryAttr(row, attrSealed))
	if err != nil {
		return t, err
	}
	return t, fault.Wrap(fault.Internal, json.Unmarshal(private, &t.Private))
}

// TransferCodeKey returns the keyed hash of a transfer's code.
func (s *Store) TransferCodeKey(ctx context.Context, code string) (string, error) {
	return s.Encrypter.Index(ctx, "transfer", register.TypedTransferCode(code))
}

// TransferCode returns the code of a transfer: 60 bits, as three groups of four letters and digits. A repetition of the request that made the
// transfer, which has the same key, gets the same code, though only the keyed hash of the code is stored.
func (s *Store) TransferCode(ctx context.Context, id, requestKey string) (string, error) {
	mac, err := s.Encrypter.MAC(ctx, "transfer code", id+" "+requestKey)
	if err != nil {
		return "", err
	}
	secret, err := hex.DecodeString(mac)
	if err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	text := base32.StdEncoding.EncodeToString(secret)
	return text[:4] + "-" + text[4:8] + "-" + text[8:12], nil
}

// TransferByCode returns the transfer whose code has a key; the zero Transfer if there is none.
func (s *Store) TransferByCode(ctx context.Context, codeKey string) (register.Transfer, error) {
	row, err := s.getItem(ctx, transferCodePK(codeKey), skTransfer)
	if err != nil || row == nil {
		return register.Transfer{}, err
	}
	t, err := s.Transfer(ctx, register.ID(stringAttr(row, attrFiling)))
	if err == nil && t.CodeKey != codeKey {
		return register.Transfer{}, nil
	}
	return t, err
}

// takenPrefix begins the sort keys of the transfers that an account took, in the account's partition.
const takenPrefix = "TAKEN#"

func takenKey(t register.Transfer) item {
	return itemKey(accountPK(t.To), takenPrefix+string(t.Filing))
}

// ListTakenTransfers lists the transfers that an account took and that are open at a time. A page may have fewer than limit.
func (s *Store) ListTakenTransfers(ctx context.Context, account register.Account, at time.Time, cursor string, limit int) (taken []register.Transfer, next string, err error) {
	rows, next, err := s.listPage(ctx, accountPK(account), takenPrefix, cursor, limit, false)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		t, err := s.Transfer(ctx, register.ID(stringAttr(row, attrFiling)))
		if err != nil {
			return nil, "", err
		}
		if t.To == account && t.State == register.TransferTaken && t.IsOpen(at) {
			taken = append(taken, t)
		}
	}
	return taken, next, nil
}

// takenOps keep the row by which the account that took a transfer finds it.
func (s *Store) takenOps(before, after register.Transfer) []writeOp {
	var ops []writeOp
	open := after.State == register.TransferTaken
	if before.To != "" && (!open || before.To != after.To) {
		ops = append(ops, writeOp{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.Table), Key: takenKey(before)}}})
	}
	if open && before.To != after.To {
		row := takenKey(after)
		row[attrFiling], row[attrTTL] = stringValue(string(after.Filing)), numberValue(s.Wall().Add(transferTTL).Unix())
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(row, "")}})
	}
	return ops
}

// CommitTransfer stores the next version of a filing's transfer, with the version of the filing that it makes, which may be nil, the request, and the
// notices. The code of a transfer that ended finds it no more. The error is [fault.Contended] if another version was stored first, and of kind Conflict if an
// order about the filing is open; it is a *decide.RepeatedError if the request was carried out before.
func (s *Store) CommitTransfer(ctx context.Context, f register.Filing, before, after register.Transfer, change *register.Change, request decide.Request, notices ...register.Notice) error {
	doc, err := json.Marshal(after)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	private, err := json.Marshal(after.Private)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	sealed, err := s.Encrypter.Encrypt(ctx, registerKey(after.Filing), transferPurpose, private)
	if err != nil {
		return err
	}
	row := itemKey(filingPK(after.Filing), skTransfer)
	row[attrDoc], row[attrSealed], row[attrVersion] = binaryValue(doc), binaryValue(sealed), numberValue(int64(after.Version))
	ops := []writeOp{{write: types.TransactWriteItem{Put: s.nextVersion(row, after.Version)}}}
	ended := after.State == register.TransferDone || after.State == register.TransferRevoked
	if before.CodeKey != "" && (ended || before.CodeKey != after.CodeKey) {
		ops = append(ops, writeOp{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.Table), Key: itemKey(transferCodePK(before.CodeKey), skTransfer)}}})
	}
	if before.CodeKey != after.CodeKey {
		code := itemKey(transferCodePK(after.CodeKey), skTransfer)
		code[attrFiling], code[attrTTL] = stringValue(string(after.Filing)), numberValue(s.Wall().Add(transferTTL).Unix())
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(code, "attribute_not_exists(pk)")}})
	}
	ops = append(ops, s.takenOps(before, after)...)
	if !ended || change != nil {
		for _, account := range []register.Account{f.Account, ""} {
			ops = append(ops, s.noOrderOp(filing.Lock{Kind: filing.SubjectLock, Key: f.SubjectKey, Account: account}, register.CodeTransferOrderOpen))
		}
	}
	return s.commitRegister(ctx, ops, change, request, decide.RepeatedError{Filing: f.ID}, notices)
}
