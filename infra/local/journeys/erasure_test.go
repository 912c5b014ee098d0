package journeys_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
)

// TestLostKey checks that an operator can erase an open application whose key is missing, which closes it and ends its execution.
func TestLostKey(t *testing.T) {
	j := journeyAt(t, 364, filing.InitialReview)
	j.awaitWaiting(filing.InitialReview) // without the key, a function fails that runs now, and the execution pauses for a quarter of an hour
	j.must(sys.Parts.Store().Encrypter.DeleteKey(t.Context(), string(j.id)))
	j.must(admin.Call(t.Context(), http.MethodPost, "/orders/"+string(j.id)+"/erasure", map[string]any{}, nil))
	j.awaitStep(filing.Done, filing.Expired)
	j.wantReleased()
	j.wantPath(1, toReview, []string{"Expire", "Step", "Closed"})
	j.wantLedger(opened, collected, []string{"erase"})
}

// TestErased checks that a reviewer can open an original by its link, and that an operator can erase a withdrawn application
// after the period of retention.
func TestErased(t *testing.T) {
	j := journeyAt(t, 360, filing.InitialReview)
	ctx, order := t.Context(), "/orders/"+string(j.id)
	var view struct{ URL string }
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Call(ctx, http.MethodPost, order+"/evidence/views", map[string]any{"slot": "subject-certificate-front"}, &view))
	response, err := http.Get(sys.PortalURL + view.URL)
	j.must(err)
	defer response.Body.Close()
	if picture, err := io.ReadAll(response.Body); err != nil || len(picture) < 1000 || response.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the link shows %d bytes, %s, %v", len(picture), response.Status, err)
	}
	j.must(j.applicant.Withdraw(ctx, j.id))
	j.awaitStep(filing.Done, filing.Withdrawn)
	erase := func() error { return admin.Call(ctx, http.MethodPost, order+"/erasure", map[string]any{}, nil) }
	wantProblem(t, erase(), 409, "erasure-too-early ")
	sys.Clock.Set(sys.Clock.Now().Add(time.Duration(filing.DefaultRetention.Withdrawn*24+1) * time.Hour))
	j.must(erase())
	j.must(erase()) // repeating it has no effect
	j.must(scenario.Poll(ctx, func() (bool, error) {
		entries, err := sys.Parts.Store().Outbox(ctx, decide.EraseOrder, 1)
		return len(entries) == 0, err
	}))
	if _, err := sys.Parts.Store().Encrypter.Decrypt(ctx, string(j.id), "private", nil); !errors.Is(err, envelope.ErrErased) {
		t.Errorf("the data key is still there: %v", err)
	}
	if o := j.order(); o.Status != filing.Withdrawn {
		t.Errorf("status %s", o.Status)
	}
	wantProblem(t, reviewer.Call(ctx, http.MethodPost, order+"/evidence/views", map[string]any{"slot": "subject-certificate-front"}, nil), 409, "order-erased ")
	j.wantLedger(opened, collected, []string{"claim", "ask-withdraw", "close", "erase"})
}
