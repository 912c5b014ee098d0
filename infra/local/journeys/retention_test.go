package journeys_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/evidence"
)

const day24 = 24 * time.Hour

// A keptView is what the applicant sees of the retention of their data.
type keptView struct {
	Erased bool
	Kept   struct {
		Reason string
		Until  string
	}
	Holds []struct{ Reason, LiftReason string }
}

func kept(t *testing.T, u *scenario.User, id filing.ID) (view keptView) {
	t.Helper()
	if err := u.Call(t.Context(), http.MethodGet, "/orders/"+string(id), nil, &view); err != nil {
		t.Fatal(err)
	}
	return view
}

// namedJourney starts a journey of a person with a name of their own.
func namedJourney(t *testing.T, n int, name string) *journey {
	app := scenario.Invented(n)
	app.Open["name"], app.Details.Subject["investor"] = name, name
	return startJourney(t, app)
}

// secrets are what must not be left of a person.
func (j *journey) secrets() []string {
	return []string{j.app.Open["name"].(string), j.app.Open["certificate"].(map[string]any)["number"].(string), strings.TrimPrefix(j.phone(), "+86"), j.mailbox()}
}

// TestErasedWhenDue: the job erases a draft, a withdrawn, a rejected and a cancelled application when their periods are over, and nothing of
// the persons is left in any file of the system, in clear or decryptable. A held order is erased after its hold.
func TestErasedWhenDue(t *testing.T) {
	ctx := t.Context()
	draft, withdrawn := namedJourney(t, 1400, "示例赵某"), namedJourney(t, 1401, "示例钱某")
	rejected, cancelled, held := namedJourney(t, 1402, "示例孙某"), namedJourney(t, 1403, "示例李某"), namedJourney(t, 1404, "示例周某")
	call := func(method, path string, body any) error { return admin.Call(ctx, method, path, body, nil) }

	draft.advanceTo(filing.AwaitConfirmation)
	draft.replacePaper()
	draft.must(draft.applicant.Abandon(ctx, draft.id))
	draft.awaitStep(filing.Done, filing.Abandoned)

	withdrawn.advanceTo(filing.InitialReview)
	withdrawn.must(withdrawn.applicant.Withdraw(ctx, withdrawn.id))
	withdrawn.awaitStep(filing.Done, filing.Withdrawn)

	rejected.advanceTo(filing.InitialReview)
	rejected.must(reviewer.Claim(ctx, rejected.id))
	rejected.must(reviewer.Review(ctx, rejected.id, "reject", scenario.Remark{Pointer: "/subject", Message: map[string]string{"zh-CN": "示例：不予受理", "en": "not accepted"}}))
	rejected.awaitStep(filing.Done, filing.InitialRejected)

	cancelled.advanceTo(filing.VerifySMS)
	cancelled.replySMS()
	cancelled.awaitApproved()
	if k := kept(t, cancelled.applicant, cancelled.id); k.Kept.Reason != "filed" {
		t.Errorf("a standing filing is kept for %q", k.Kept.Reason)
	}
	order := "/orders/" + string(cancelled.id)
	wantProblem(t, call(http.MethodPost, order+"/erasure", map[string]any{}), 409, "erasure-filing-stands /filingEnded")
	cancelled.must(call(http.MethodPut, order+"/filing-end", map[string]any{"filingEnded": sys.Clock.Now().Add(8 * time.Hour).Format(time.DateOnly)}))

	held.advanceTo(filing.InitialReview)
	held.must(held.applicant.Withdraw(ctx, held.id))
	held.awaitStep(filing.Done, filing.Withdrawn)
	hold := "/orders/" + string(held.id) + "/hold"
	held.must(call(http.MethodPut, hold, map[string]any{"reason": "示例机关来函第1号"}))
	wantProblem(t, held.applicant.Call(ctx, http.MethodPost, "/orders/"+string(held.id)+"/erasure-request", nil, nil), 409, "erasure-held ")

	for _, j := range []*journey{draft, withdrawn, rejected, cancelled} {
		if k := kept(t, j.applicant, j.id); k.Kept.Reason != "period" || k.Kept.Until == "" || k.Erased {
			t.Errorf("order %s: kept for %q until %q", j.id, k.Kept.Reason, k.Kept.Until)
		}
	}
	if k := kept(t, held.applicant, held.id); k.Kept.Reason != "hold" || k.Holds != nil {
		t.Errorf("the applicant sees %q and %d holds", k.Kept.Reason, len(k.Holds))
	}

	held.must(scenario.Poll(ctx, func() (bool, error) { // a notice is sent by the time at which it is due
		waiting, err := sys.Parts.Store().Outbox(ctx, decide.SendNotice, 1)
		return len(waiting) == 0, err
	}))
	sys.Clock.Advance((filing.UploadDays + 2) * day24)
	erased := []*journey{draft, withdrawn, rejected, cancelled}
	for _, j := range erased {
		j.awaitErased()
	}
	if k := kept(t, admin, held.id); k.Erased || len(k.Holds) != 1 || k.Holds[0].Reason != "示例机关来函第1号" {
		t.Errorf("the held order: erased %t, %d holds", k.Erased, len(k.Holds))
	}
	held.must(call(http.MethodPost, hold+"/lifting", map[string]any{"reason": "示例：已结案"}))
	sys.Clock.Advance(time.Hour)
	held.awaitErased()
	cancelled.must(sys.DeleteExpired(ctx, time.Now().Add(25*time.Hour)))
	wantNothingLeft(t, append(erased, held)...)
	for _, j := range erased {
		if l, err := reviewer.Ledger(ctx, j.id); err != nil || !l.Verified || strings.Count(strings.Join(l.Decisions(), " "), "erase") != 1 {
			t.Errorf("order %s: the ledger has %v, %v", j.id, l.Decisions(), err)
		}
	}
	wantNoOldFiles(t)
}

// TestErasureByRequest: a draft is erased at once when its applicant asks, even before the outbox has sent what is about it.
func TestErasureByRequest(t *testing.T) {
	j := namedJourney(t, 1405, "示例吴某")
	j.advanceTo(filing.CollectEvidence)
	request := func() error {
		return j.applicant.Call(t.Context(), http.MethodPost, "/orders/"+string(j.id)+"/erasure-request", nil, nil)
	}
	wantProblem(t, request(), 409, "erasure-order-open ")
	forms, err := j.applicant.UploadForms(t.Context(), j.id, "image/jpeg", "subject-certificate-front")
	j.must(err)
	j.must(client.PostFile(t.Context(), forms[0], scenario.SamplePicture("never accepted", 1)))
	j.must(j.applicant.Abandon(t.Context(), j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
	j.must(request())
	j.must(request()) // repeating it has no effect
	j.awaitErased()
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		left, err := objects(t.Context(), system.Uploads, evidence.KeyPrefix(string(j.id)))
		return len(left) == 0, err
	}))
}

// replacePaper uploads a document again, and waits until the first scan is deleted. It leaves an upload that is never accepted.
func (j *journey) replacePaper() {
	j.t.Helper()
	ctx, slot := j.t.Context(), "subject-certificate-front"
	before, err := objects(ctx, system.Bucket, evidence.KeyPrefix(string(j.id)))
	j.must(err)
	j.must(j.applicant.Upload(ctx, j.id, map[string][]byte{slot: scenario.SamplePicture("another scan", 3)}, "image/jpeg"))
	j.must(scenario.Poll(ctx, func() (bool, error) {
		after, err := objects(ctx, system.Bucket, evidence.KeyPrefix(string(j.id)))
		gone := slices.DeleteFunc(slices.Clone(before), func(key string) bool { return slices.Contains(after, key) })
		return len(gone) > 0 && len(after) == len(before), err // original and copy, one object if they are equal
	}))
	forms, err := j.applicant.UploadForms(ctx, j.id, "image/jpeg", slot)
	j.must(err)
	j.must(client.PostFile(ctx, forms[0], scenario.SamplePicture("never accepted", 2)))
}

// awaitErased waits until the order is erased and the sweeper has deleted its key and evidence.
func (j *journey) awaitErased() {
	j.t.Helper()
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
		if !kept(j.t, j.applicant, j.id).Erased {
			return false, nil
		}
		keys := dynamo.Keys{Client: sys.Parts.Store().Client, Table: system.KeysTable}
		if key, err := keys.Key(j.t.Context(), string(j.id)); key != nil || err != nil {
			return false, err
		}
		left, err := objects(j.t.Context(), system.Bucket, evidence.KeyPrefix(string(j.id)))
		return len(left) == 0, err
	}))
}

// wantNothingLeft checks that no file of the system holds a secret of a person in clear, and no key of their orders is left. The
// simulated bureau keeps what it received, as a bureau does.
func wantNothingLeft(t *testing.T, journeys ...*journey) {
	t.Helper()
	err := filepath.WalkDir(dataFolder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "bureau" && filepath.Dir(path) == dataFolder {
				return filepath.SkipDir
			}
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for i, j := range journeys {
			for k, secret := range j.secrets() {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("secret %d of person %d is in %s", k, i, strings.TrimPrefix(path, dataFolder))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	pages := dynamodb.NewScanPaginator(dynamo.NewClient(sys.Parts.AWS), &dynamodb.ScanInput{TableName: aws.String(system.KeysTable), ProjectionExpression: aws.String("#name"),
		ExpressionAttributeNames: map[string]string{"#name": "name"}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Items {
			for _, j := range journeys {
				if strings.Contains(row["name"].(*types.AttributeValueMemberS).Value, string(j.id)) {
					t.Errorf("order %s has a key", j.id)
				}
			}
		}
	}
}

// wantNoOldFiles checks that the bytes of the bureau's files are deleted when their period is over.
func wantNoOldFiles(t *testing.T) {
	t.Helper()
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		files, err := sys.Parts.Store().OldFiles(t.Context(), sys.Clock.Now().AddDate(0, 0, -filing.UploadDays), 10)
		return len(files) == 0, err
	}); err != nil {
		t.Error(err)
	}
	wantProblem(t, admin.Call(t.Context(), http.MethodGet, "/bureau/sent/1", nil, nil), 404)
}

// objects lists the keys of a bucket that begin with a prefix.
func objects(ctx context.Context, name, prefix string) ([]string, error) {
	var keys []string
	client := sys.Parts.Uploads().Client
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			keys = append(keys, *o.Key)
		}
	}
	return keys, nil
}
