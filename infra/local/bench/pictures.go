package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/picture"
	"beian/shared/rules/picture/picturetest"
)

// pictureSites is the number of sites of the application in which papers are accepted.
const pictureSites = 10

// pictureSlots returns the 32 slots of papers in the application.
func pictureSlots() []string {
	slots := []string{string(evidence.SubjectCertificateFront), string(evidence.OtherDocument)}
	for i := range pictureSites {
		for _, kind := range []evidence.Kind{evidence.SiteOtherDocument, evidence.PreApprovalStatement, evidence.DomainCertificate} {
			slots = append(slots, string(evidence.SiteSlot(i, kind)))
		}
	}
	return slots
}

// measurePictures prints how long it takes until papers are accepted, and the memory that it needs: with scans, which are stored unchanged, and with photos of
// 12 million pixels, which are reduced: before the request, as the bucket's event has them inspected, or in it. A request that accepts only some of its papers is repeated.
func (b *Bench) measurePictures(ctx context.Context) (err error) {
	s, err := b.another(ctx, "pictures")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	applicant, id, err := openForPictures(ctx, s)
	if err != nil {
		return err
	}
	photo := picturetest.Photo(4000, 3000)
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the largest memory is measured from now on
	fmt.Fprintf(b.out, "\nPapers accepted                      times   requests each   p50, ms   p95, ms   papers/s\n")
	for _, kind := range []struct {
		name  string
		file  []byte
		ready bool                  // whether the request waits until the function inspectupload has inspected the uploads
		aim   map[int]time.Duration // p95 by the number of papers
	}{
		{"scan", scenario.SamplePicture("paper", 1), false, map[int]time.Duration{1: 100 * time.Millisecond, 4: 250 * time.Millisecond, 32: 1500 * time.Millisecond}},
		{"photo, inspected before", photo, true, map[int]time.Duration{1: 250 * time.Millisecond, 4: 500 * time.Millisecond, 32: 4 * time.Second}},
		{"photo, submitted at once", photo, false, map[int]time.Duration{1: time.Second, 4: 2 * time.Second, 32: 12 * time.Second}},
	} {
		for _, papers := range slices.Sorted(maps.Keys(kind.aim)) {
			times := max(2, 16/papers)
			took, requests, err := acceptPapers(ctx, s, applicant, id, kind.file, papers, times, kind.ready)
			if err != nil {
				return fmt.Errorf("%d papers, %s: %w", papers, kind.name, err)
			}
			p50, p95 := took[len(took)/2], took[len(took)*95/100]
			fmt.Fprintf(b.out, "  %2d × %-28s %9d %15.1f %9.0f %9.0f %10.1f   %s\n", papers, kind.name, times, float64(requests)/float64(times), milliseconds(p50), milliseconds(p95), float64(papers)/p50.Seconds(),
				compareWithAim(p95 <= kind.aim[papers], fmt.Sprintf("aim: p95 at most %v", kind.aim[papers])))
		}
	}
	peak := memoryMB(os.Getpid(), "VmHWM")
	fmt.Fprintf(b.out, "  most memory of this process, with the uploads of the load generator: %d MB   %s\n", peak, compareWithAim(peak < 500, "aim: under 500 MB"))
	return nil
}

// openForPictures opens an application that waits for papers.
func openForPictures(ctx context.Context, s *system.System) (*scenario.User, filing.ID, error) {
	client := scenario.NewClient(s)
	admin, reviewer, err := demo.LogInStaff(ctx, client)
	if err != nil {
		return nil, "", err
	}
	app := scenario.Invented(10_940)
	app.Server.Quota = pictureSites
	var domains []string
	site := app.Details.Sites[0]
	app.Details.Sites = nil
	for i := range pictureSites {
		one := maps.Clone(site)
		domain := fmt.Sprintf("invented-10940-%d-example.com", i)
		one["domains"], domains = []string{domain}, append(domains, domain)
		app.Details.Sites = append(app.Details.Sites, one)
	}
	app.Open["domains"] = domains
	applicant, err := client.LoginApplicant(ctx, admin, app, s.Clock.Now())
	if err != nil {
		return nil, "", err
	}
	id, err := app.AdvanceTo(ctx, applicant, reviewer, filing.CollectEvidence)
	return applicant, id, err
}

// acceptPapers uploads the file for so many papers, several times, and returns how long it took each time until all were accepted, the shortest first, and the number
// of requests. The papers replace those of the time before.
func acceptPapers(ctx context.Context, s *system.System, applicant *scenario.User, id filing.ID, file []byte, papers, times int, ready bool) (took []time.Duration, requests int, err error) {
	for range times {
		forms, err := applicant.UploadForms(ctx, id, "image/jpeg", pictureSlots()[:papers]...)
		if err != nil {
			return nil, 0, err
		}
		for _, form := range forms {
			if err := applicant.Client.PostFile(ctx, form, file); err != nil {
				return nil, 0, err
			}
		}
		if ready {
			for _, form := range slices.Backward(forms) { // the latest is inspected first
				if err := scenario.AwaitInspection(ctx, s, form); err != nil {
					return nil, 0, err
				}
			}
		}
		begun := time.Now()
		for again := true; again; requests++ {
			err := applicant.ConfirmUploads(ctx, id, forms...)
			problem, is := errors.AsType[*scenario.Problem](err)
			again = is && problem.Findings.Has(picture.CodeLater)
			if err != nil && !again {
				return nil, 0, err
			}
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took, requests, nil
}
