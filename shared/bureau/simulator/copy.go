package simulator

import (
	"maps"
	"slices"

	"beian/shared/bureau/document"
)

// fullCopy returns what the bureau has of the filings in which a provider has an access. Sites without an access are left out: the schema requires
// one (MIIT-IF30 11.9).
func (b *Bureau) fullCopy(provider int64) *document.Sync {
	sync := &document.Sync{}
	for _, id := range slices.Sorted(maps.Keys(b.state.filings)) {
		f := b.state.filings[id]
		if f.Gone || !f.connectedBy(provider) {
			continue
		}
		copied := document.SyncedFiling{Subject: f.Data.Subject, Remark: f.Data.Remark}
		for _, site := range f.Data.Sites {
			if len(site.Accesses) > 0 {
				copied.Sites = append(copied.Sites, document.SyncedSite(site))
			}
		}
		sync.Filed = append(sync.Filed, copied)
	}
	return sync
}
