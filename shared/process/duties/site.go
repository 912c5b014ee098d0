package duties

import (
	"context"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/finding"
)

// RecordSite records the findings that stand about a host, as sitewatch.Upkeep. Hints are no duties.
func (s *Service) RecordSite(ctx context.Context, k sitewatch.Key, open []sitewatch.OpenFinding, _ time.Time) error {
	f, err := s.Store.Filing(ctx, k.Filing)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(f.Sites, func(site register.FiledSite) bool {
		_, ours := site.OurAccess()
		return ours && slices.ContainsFunc(site.Domains, func(d register.FiledDomain) bool { return string(d.Name) == k.Host })
	})
	if i < 0 || f.Status == register.Cancelled {
		return nil // its findings ended with the site
	}
	var found finding.List
	for _, o := range open {
		if o.Severity != finding.Inform && !found.Has(o.Code) {
			found = append(found, o.Finding)
		}
	}
	_, err = s.Record(ctx, k.Filing, upkeep.SetFindings{Site: f.Sites[i].Number.String(), Host: k.Host, Found: found})
	return err
}
