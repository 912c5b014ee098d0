package simulator

import (
	"errors"
	"slices"
	"strings"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
)

// upload accepts or refuses a file. Its records are decided later.
func (b *Bureau) upload(c call) answer {
	sequence, given := c.integer("dataSequence")
	if !given || sequence < 1 || sequence > 1<<31-1 {
		return missingParameter("dataSequence")
	}
	encryption, given := c.integer("encryptAlgorithm")
	if !given {
		return missingParameter("encryptAlgorithm")
	}
	compression, given := c.integer("compressionFormat")
	if !given {
		return missingParameter("compressionFormat")
	}
	hash := c.text("beianInfoHash")
	for _, name := range []string{"beianInfo", "beianInfoHash"} {
		if c.text(name) == "" {
			return missingParameter(name)
		}
	}

	b.mu.Lock()
	refusal, settled := b.precheck(c.account, sequence, hash, encryption, compression)
	tables := b.state.tables
	b.mu.Unlock()
	if settled {
		return refusal
	}
	parcel, err := wire.ParseParcel(c.params["beianInfo"], hash, int(encryption), wire.MD5Hash, int(compression))
	if err != nil {
		return answer{code: transportCode(err)}
	}
	file, err := c.account.codec(b.config.MaxDocument).Decode(parcel)
	if err != nil {
		return answer{code: transportCode(err)}
	}
	records := readRecords(file, c.account, tables, document.FormatDate(b.config.Now()))

	b.mu.Lock()
	defer b.mu.Unlock()
	if refusal, settled := b.precheck(c.account, sequence, hash, encryption, compression); settled {
		return refusal
	}
	return b.accept(c.account, sequence, file.Name, parcel, records)
}

// precheck makes the checks that do not need the content; settled means that the answer is final. The caller holds b.mu.
func (b *Bureau) precheck(a *Account, sequence int64, hash string, encryption, compression int64) (reply answer, settled bool) {
	p := b.state.provider(a.ProviderID)
	switch {
	case !b.acceptsUploads():
		h := b.state.steering.Hours
		return answer{code: result.OutsideHours, text: h.From + "-" + h.To}, true
	case encryption != wire.PlainEncryption && encryption != wire.AESEncryption:
		return answer{code: result.BadEncryption}, true
	case compression != wire.ZipCompression:
		return answer{code: result.BadCompression}, true
	case sequence == p.Sequence && hash == p.Last.Parcel.Hash:
		return answer{}, true // the same file again: its answer was lost
	case b.countUndecided(a.ProviderID) >= b.config.QueueLimit:
		return answer{code: result.QueueFull}, true
	case sequence != p.Sequence+1:
		return answer{code: result.SequenceGap, missing: missingSequences(p.Sequence+1, sequence)}, true
	}
	return answer{}, false
}

// missingSequences lists the numbers from the next one up to the one before sequence, at most a hundred; the next one alone if
// sequence has been used.
func missingSequences(next, sequence int64) []int64 {
	lacking := []int64{next}
	for n := next + 1; n < sequence && len(lacking) < 100; n++ {
		lacking = append(lacking, n)
	}
	return lacking
}

// acceptsUploads reports whether uploads are accepted at this hour.
func (b *Bureau) acceptsUploads() bool {
	h := b.state.steering.Hours
	if h == nil || h.From == "" && h.To == "" {
		return true
	}
	clock := document.FormatTime(b.config.Now())[len("2006-01-02 "):][:len("15:04")]
	if h.From <= h.To {
		return h.From <= clock && clock < h.To
	}
	return clock >= h.From || clock < h.To
}

// countUndecided counts the uploads of a provider that wait for a decision.
func (b *Bureau) countUndecided(provider int64) int {
	waiting := map[int64]bool{}
	for _, r := range b.state.waiting {
		if r.Provider == provider {
			waiting[r.Sequence] = true
		}
	}
	return len(waiting)
}

func transportCode(err error) result.Message {
	for known, code := range map[error]result.Message{
		wire.ErrEncryption:  result.BadEncryption,
		wire.ErrHashKind:    result.BadHash,
		wire.ErrCompression: result.BadCompression,
		wire.ErrDecrypt:     result.DecryptionFailed,
		wire.ErrHash:        result.HashMismatch,
		wire.ErrUnzip:       result.UnzipFailed,
		wire.ErrEntries:     result.WrongFileCount,
		wire.ErrTooLarge:    result.TooLarge,
	} {
		if errors.Is(err, known) {
			return code
		}
	}
	return result.Other
}

// accept stores the upload before it is answered. The caller holds b.mu.
func (b *Bureau) accept(a *Account, sequence int64, name string, parcel wire.Parcel, records []*record) answer {
	now := b.config.Now()
	e := acceptedUpload{
		Provider: a.ProviderID, Sequence: sequence, Name: name,
		Hash: parcel.Hash, Encryption: parcel.Encryption, Records: records, data: parcel.Data,
	}
	for i, r := range records {
		r.ID = len(b.state.records) + i + 1
		r.Provider, r.Sequence, r.Received = a.ProviderID, sequence, now
		if rule, found := b.state.matchRule(r, e.Rules); found {
			e.Rules = append(e.Rules, rule)
			r.Action = b.state.steering.Rules[rule].Then
		}
		delay := b.config.ReviewDelay
		if r.Action.Delay > 0 {
			delay = time.Duration(r.Action.Delay)
		}
		r.Due = now.Add(delay)
	}
	if err := b.journal.storeUpload(a.ProviderID, sequence, parcel); err != nil {
		return internalFailure(err)
	}
	if err := b.record(event{Accepted: &e}); err != nil {
		return internalFailure(err)
	}
	if err := b.journal.deleteUpload(a.ProviderID, sequence-1); err != nil {
		return internalFailure(err)
	}
	if b.lostAnswers > 0 {
		b.lostAnswers--
		return answer{err: errSuppressed}
	}
	return answer{}
}

// dropImages removes the images, which have been checked and would fill the journal.
func (r *record) dropImages() {
	sites := func(list []document.Site) {
		for i := range list {
			list[i].PreApprovals = nil
		}
	}
	r.evidence = nil
	switch {
	case r.New != nil:
		r.New.Attachments = nil
		sites(r.New.Sites)
	case r.AddSite != nil:
		r.AddSite.Attachments = nil
		sites(r.AddSite.Sites)
	case r.AddAccess != nil:
		r.AddAccess.Attachments = nil
	case r.Change != nil:
		r.Change.Attachments = nil
		for i := range r.Change.Sites {
			r.Change.Sites[i].PreApprovals = nil
		}
	}
}

// subject returns name and certificate number of the record's subject, "" if the record refers to none that is filed.
func (r *record) subject(s *state) (name, number string) {
	switch {
	case r.New != nil:
		return r.New.Subject.Name, r.New.Subject.Certificate.Number
	case r.Change != nil:
		return r.Change.Subject.Name, r.Change.Subject.Certificate.Number
	}
	if f := s.filingOf(r); f != nil {
		return f.Data.Subject.Name, f.Data.Subject.Certificate.Number
	}
	return "", ""
}

// domains returns the domains of the record's sites, or of the filing that it refers to.
func (r *record) domains(s *state) []string {
	var names []string
	add := func(sites []document.Site) {
		for _, site := range sites {
			for _, domain := range site.Domains {
				names = append(names, strings.ToLower(domain.Name))
			}
		}
	}
	switch {
	case r.New != nil:
		add(r.New.Sites)
	case r.AddSite != nil:
		add(r.AddSite.Sites)
	case r.Unfiled != "":
		names = append(names, r.Unfiled)
	case r.Resource != nil:
		names = append(names, r.Resource.Domain)
	case r.Change != nil:
		for _, site := range r.Change.Sites {
			for _, domain := range site.Domains {
				names = append(names, strings.ToLower(domain.Name))
			}
		}
	default:
		if f := s.filingOf(r); f != nil {
			for _, site := range f.Data.Sites {
				for _, domain := range site.Domains {
					names = append(names, domain.Name)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
