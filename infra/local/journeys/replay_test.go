package journeys_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/process/exchange"
)

// TestReplayUndecoded checks that the operator can process files that could not be decoded when they arrived, for example because
// the key of the interface was wrong: the bureau's decision in one of them takes effect.
func TestReplayUndecoded(t *testing.T) {
	j := journeyAt(t, 443, filing.VerifySMS)
	j.silenceBureau()
	j.replySMS()
	j.awaitStep(filing.AwaitBureau, filing.BureauReview)
	order, err := sys.Parts.Decisions().Order(t.Context(), j.id)
	j.must(err)
	j.replay("refusal.xml", document.ICPDownload{Results: &document.Results{Opinions: []document.Opinion{{
		Time: document.FormatTime(sys.Clock.Now()), Decision: document.Refused, Operation: document.NewFilingOperation, Record: order.Bureau.FirstID,
	}}}})
	j.awaitStep(filing.Done, filing.BureauRejected)
	j.replay("notice.xml", document.ICPDownload{Notices: []document.Notice{{Text: "no order"}}})
}

// replay stores a file as one that could not be decoded, and replays it as the operator.
func (j *journey) replay(name string, d document.ICPDownload) {
	j.t.Helper()
	ctx, link := j.t.Context(), strconv.Itoa(system.BureauProvider)
	download := document.NewDownload()
	download.ICP = &d
	content, err := download.Marshal()
	j.must(err)
	codec := wire.Codec{Key: system.BureauKey, IV: system.BureauIV, Encryption: wire.AESEncryption}
	parcel, err := codec.Encode(wire.File{Name: name, Content: content}, sys.Clock.Now())
	j.must(err)
	file := exchange.Received{ID: name + "-1", Name: name, Object: "bureau/" + link + "/received/" + name, State: exchange.Poison, At: sys.Clock.Now(),
		Undecoded: &exchange.Encoding{Hash: parcel.Hash, Encryption: parcel.Encryption, HashKind: parcel.HashKind, Compression: parcel.Compression}}
	j.must(sys.Parts.Objects().WriteShared(ctx, nil, file.Object, parcel.Data))
	j.must(sys.Parts.Store().PutReceived(ctx, link, file))
	j.must(scenario.Poll(ctx, func() (bool, error) {
		err := admin.Call(ctx, http.MethodPost, "/bureau/received/"+name+"/replay", nil, nil)
		if problem, ok := errors.AsType[*scenario.Problem](err); ok && problem.Status == http.StatusConflict {
			return false, nil // the exchange holds the link while it runs
		}
		return err == nil, err
	}))
}
