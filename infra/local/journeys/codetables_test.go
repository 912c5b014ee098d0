package journeys_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/aws/dynamo"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
)

// offered returns the numbers that an operation of the reference data offers, with their Chinese names.
func (j *journey) offered(path string) map[int]string {
	j.t.Helper()
	var list struct {
		Items []struct {
			Number int
			Words  map[string]string
		}
	}
	j.must(json.Unmarshal(j.send(scenario.Request{Method: http.MethodGet, Path: path}, http.StatusOK).Body, &list))
	names := map[int]string{}
	for _, one := range list.Items {
		names[one.Number] = one.Words["zh-CN"]
	}
	return names
}

// publishCodes publishes a table at the bureau, and waits until the API offers a code under a name; "" is not at all.
func (j *journey) publishCodes(change simulator.TableChange, path string, code int, name string) {
	j.t.Helper()
	j.must(sys.Bureau.Apply(simulator.Scenario{Codes: []simulator.TableChange{change}}))
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) { return j.offered(path)[code] == name, nil }))
	time.Sleep(dynamo.CodeTablesAge) // the other functions have the tables in memory for so long
}

func languages(set ...simulator.Code) simulator.TableChange {
	return simulator.TableChange{Table: "Yylb_dms", Set: set}
}

func (j *journey) useLanguages(ids ...int) { j.app.Details.Sites[0]["languages"] = ids }

// TestNewCode: "Code tables that are downloaded become the values that are offered and checked from then on, with what changed shown to the
// operator." A language that the bureau publishes is offered, accepted, named in the summary, and filed.
func TestNewCode(t *testing.T) {
	j := journeyAt(t, 870, filing.CollectDetails)
	ctx := t.Context()
	j.useLanguages(1, 40)
	wantProblem(t, j.applicant.EnterDetails(ctx, j.id, j.app.Details), 422, "site-language-unknown /sites/0/languages/1")
	j.publishCodes(languages(simulator.Code{ID: 40, Name: "德语"}), "/site-languages", 40, "德语")

	var tables struct {
		Tables []struct{ Table, File string }
		Files  []struct {
			File   string
			Tables []struct {
				Table, Outcome string
				Changes        []struct {
					Code                int
					Kind, Before, After string
				}
			}
		}
	}
	j.must(admin.Call(ctx, http.MethodGet, "/bureau/code-tables", nil, &tables))
	newest := tables.Files[0]
	if len(newest.Tables) != 1 || newest.Tables[0].Outcome != "replaced" || newest.Tables[0].Changes[0].Code != 40 || newest.Tables[0].Changes[0].After != "德语" ||
		!slices.ContainsFunc(tables.Tables, func(one struct{ Table, File string }) bool { return one.Table == "Yylb_dms" && one.File == newest.File }) {
		t.Errorf("the operator sees %+v", tables)
	}
	wantProblem(t, j.applicant.Call(ctx, http.MethodGet, "/bureau/code-tables", nil, nil), 403)
	var refused error
	j.must(scenario.Poll(ctx, func() (bool, error) {
		refused = admin.Call(ctx, http.MethodPost, "/bureau/code-tables/"+newest.File+"/acceptance", nil, nil)
		p, ok := errors.AsType[*scenario.Problem](refused)
		return !ok || len(p.Findings) > 0, nil // without a finding, an exchange with the bureau was under way
	}))
	wantProblem(t, refused, 409, "code-tables-not-held ")

	j.must(j.applicant.EnterDetails(ctx, j.id, j.app.Details))
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("a new code", 870)))
	j.must(j.applicant.PassLiveness(ctx, j.id, 0))
	var summary struct {
		Names []struct {
			Pointer string
			Words   map[string]string
		}
	}
	j.must(j.applicant.Call(ctx, http.MethodGet, "/orders/"+string(j.id)+"/summary", nil, &summary))
	names := map[string]string{}
	for _, one := range summary.Names {
		names[one.Pointer] = one.Words["zh-CN"]
	}
	if names["/sites/0/languages/1"] != "德语" || names["/sites/0/serviceContent/0"] != "博客/个人空间" || names["/subject/certificate/kind"] != "居民身份证" {
		t.Errorf("the summary names %v", names)
	}
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitStep(filing.InitialReview, filing.Submitted)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
}

// TestNewDivision: a bureau publishes the whole table of divisions with the new one in it. Nobody has to accept it, and no other division goes.
func TestNewDivision(t *testing.T) {
	j := journeyAt(t, 868, filing.CollectDetails)
	j.must(sys.Bureau.Apply(simulator.Scenario{Codes: []simulator.TableChange{{Table: "Qy_dms", Set: []simulator.Code{{ID: 330195, Name: "示范区"}}}}}))
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		var list struct{ Items []struct{ Code, Name string } }
		err := j.applicant.Call(t.Context(), http.MethodGet, "/divisions?parent=330100", nil, &list)
		offers := func(code string) bool {
			return slices.ContainsFunc(list.Items, func(one struct{ Code, Name string }) bool { return one.Code == code })
		}
		return offers("330195") && offers("330106"), err
	}))
}

// TestWithdrawnCode: an order whose code the ministry withdraws gets a finding at the field at its next check: when the applicant enters the details
// or confirms, when the reviewer passes it, and before it is sent. The applicant can correct it everywhere.
func TestWithdrawnCode(t *testing.T) {
	const pointer = "code-withdrawn /sites/0/languages/0"
	ctx := t.Context()
	at := map[filing.Step]*journey{}
	for n, step := range []filing.Step{filing.CollectDetails, filing.AwaitConfirmation, filing.InitialReview, filing.VerifySMS} {
		at[step] = newJourney(t, 871+n)
		at[step].useLanguages(17)
		at[step].advanceTo(step)
	}
	j := at[filing.CollectDetails]
	j.publishCodes(languages(simulator.Code{ID: 17, Name: "阿拉伯语", Void: true}), "/site-languages", 17, "")
	t.Cleanup(func() {
		j.must(sys.Bureau.Apply(simulator.Scenario{Codes: []simulator.TableChange{languages(simulator.Code{ID: 17, Name: "阿拉伯语"})}}))
	})

	wantProblem(t, j.applicant.EnterDetails(ctx, j.id, j.app.Details), 422, pointer)

	confirming := at[filing.AwaitConfirmation]
	wantProblem(t, confirming.applicant.Confirm(ctx, confirming.id), 422, pointer)
	confirming.useLanguages(1)
	j.must(confirming.applicant.EnterDetails(ctx, confirming.id, confirming.app.Details))
	j.must(confirming.applicant.Confirm(ctx, confirming.id))

	reviewing := at[filing.InitialReview]
	wantProblem(t, reviewer.Approve(ctx, reviewing.id), 422, pointer)
	j.must(reviewer.Review(ctx, reviewing.id, "return", scenario.Remark{Pointer: "/sites/0/languages/0", Message: map[string]string{"zh-CN": "请改选网站语言。"}}))
	reviewing.awaitStep(filing.CollectDetails, filing.Returned)
	reviewing.useLanguages(1)
	j.must(reviewing.applicant.EnterDetails(ctx, reviewing.id, reviewing.app.Details))

	sending := at[filing.VerifySMS]
	sending.replySMS()
	o := sending.awaitStep(filing.Done, filing.BureauRejected)
	if got := findingPlaces(o.Findings); !slices.Equal(got, []string{pointer}) || len(o.Bureau.Codes) > 0 {
		t.Errorf("before sending: %q, %+v", got, o.Bureau.Codes)
	}
	mails := sending.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeRefused)
	if text := mails[len(mails)-1].Text; !strings.Contains(text, "“阿拉伯语”已被主管部门停用") || !strings.Contains(text, "改选一项") {
		t.Errorf("the email lacks the reason or what to do:\n%s", text)
	}
	j.must(sending.applicant.Resubmit(ctx, sending.id))
	sending.awaitStep(filing.CollectDetails, filing.Returned)
	sending.useLanguages(1)
	j.must(sending.applicant.EnterDetails(ctx, sending.id, sending.app.Details))
	j.must(sending.applicant.Confirm(ctx, sending.id))
	sending.awaitStep(filing.InitialReview, filing.Submitted)
	j.must(reviewer.Approve(ctx, sending.id))
	sending.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(sending.sentCodes()) == 2, nil }))
	sending.replySMS()
	sending.awaitApproved()
}

// TestWithdrawnAccessMode: a server with an access mode that the ministry withdrew cannot be chosen or kept. Once the operator has corrected the server,
// choosing it again is enough.
func TestWithdrawnAccessMode(t *testing.T) {
	j := newJourney(t, 876)
	ctx := t.Context()
	server := j.app.Server
	server.Mode = 4
	j.listServer(server)
	j.advanceTo(filing.CollectDetails)
	j.publishCodes(simulator.TableChange{Table: "Wzjrfs_dms", Set: []simulator.Code{{ID: 4, Name: "其他", Void: true}, {ID: 6, Name: "边缘接入"}}}, "/access-modes", 6, "边缘接入")
	t.Cleanup(func() {
		j.must(sys.Bureau.Apply(simulator.Scenario{Codes: []simulator.TableChange{{Table: "Wzjrfs_dms", Set: []simulator.Code{{ID: 4, Name: "其他"}}}}}))
	})
	other := newJourney(t, 877)
	otherServer := other.app.Server
	otherServer.Mode = 4
	now := sys.Clock.Now()
	wantProblem(t, admin.ListServer(ctx, otherServer, other.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)), 422, "access-mode-withdrawn /mode")
	otherServer.Mode = 7
	wantProblem(t, admin.ListServer(ctx, otherServer, other.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)), 422, "access-mode-unknown /mode")

	wantProblem(t, j.applicant.EnterDetails(ctx, j.id, j.app.Details), 422, "access-mode-withdrawn /product")
	wantProblem(t, j.applicant.ChooseServer(ctx, j.id, server.ID), 422, "access-mode-withdrawn /server")
	server.Mode = 6
	j.listServer(server)
	j.must(j.applicant.ChooseServer(ctx, j.id, server.ID))
	j.must(j.applicant.EnterDetails(ctx, j.id, j.app.Details))
	used, err := admin.UsedSlots(ctx, server.ID)
	if j.must(err); used != 1 {
		t.Errorf("%d slots of the server are in use, want 1", used)
	}
	j.must(j.applicant.Abandon(ctx, j.id))
}
