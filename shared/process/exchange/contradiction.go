package exchange

import (
	"context"
	"strconv"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
)

// contradictions returns the entries of a copy that name the filing of an earlier entry and have other data: the places that differ, without values, by
// the entry's index. It depends only on the file, so that a run that ended in between is repeated with the same result.
func contradictions(filings []document.SyncedFiling, provider int64) map[int][]string {
	found, first := map[int][]string{}, map[string]int{}
	for i, f := range filings {
		earlier, known := i, false
		for _, key := range identities(f.Subject) {
			if k, seen := first[key]; seen && !known {
				earlier, known = k, true
			}
		}
		for _, key := range identities(f.Subject) {
			if _, seen := first[key]; !seen {
				first[key] = earlier
			}
		}
		if !known {
			continue
		}
		a, readable := FilingOf(filings[earlier].FiledData(), provider)
		b, alsoReadable := FilingOf(f.FiledData(), provider)
		if !readable || !alsoReadable {
			continue
		}
		stored, _ := register.Filing{}.Replace(a, register.Source{}, time.Time{})
		if change, changed := stored.After.Replace(b, register.Source{}, time.Time{}); changed {
			found[i] = change.Entry.Changed
		}
	}
	return found
}

// identities returns what [run.findStanding] finds a filing by: the ministry's id and the certificate.
func identities(s document.FiledSubject) (keys []string) {
	if s.BureauID != 0 {
		keys = append(keys, "id "+strconv.FormatInt(s.BureauID, 10))
	}
	kind := certificate.Kind(s.Certificate.Kind)
	if n := certificate.Normalize(kind, s.Certificate.Number); n != "" {
		keys = append(keys, "certificate "+strconv.Itoa(int(kind))+" "+n.Reveal())
	}
	return keys
}

// putContradiction stores the entry of a copy that contradicts an earlier one as an open difference. The register keeps what the earlier entry says. It
// returns the filing of the register, "" if there is none.
func (r *run) putContradiction(ctx context.Context, file Received, copyID string, d document.FiledData, places []string) (register.ID, error) {
	filed, _ := FilingOf(d, r.provider)
	current, _, err := r.findStanding(ctx, filed)
	if err != nil {
		return "", err
	}
	one := Difference{Number: filed.Number.String(), Kind: Contradiction, Filing: current.ID, Places: places, File: file.ID, SeenAt: file.At}
	return current.ID, r.Store.PutDifference(ctx, r.Link, copyID, one)
}
