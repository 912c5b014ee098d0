package bureau_test

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/soap"
	"beian/shared/bureau/wire"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newConfig(url string) bureau.Config {
	return bureau.Config{
		UpDownLoad: url + "/a", BeianStatus: url + "/b", VerifyPassword: url + "/c",
		ProviderID: 990000000001, User: "demo", Password: "Passw0rd!", Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708",
		Now: func() time.Time { return at },
	}
}

// newClient returns a client of a server with this handler.
func newClient(t *testing.T, answer http.HandlerFunc, changes ...func(*bureau.Config)) *bureau.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c := newConfig(server.URL)
	for _, change := range changes {
		change(&c)
	}
	made, err := bureau.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// respondWith answers every call with a return document of these elements.
func respondWith(inner string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request, _ := soap.ParseRequest(body)
		_, _ = w.Write(soap.Answer(request.Method, `<?xml version="1.0" encoding="GBK"?><return>`+inner+`</return>`))
	}
}

func evidenceUpload() document.Upload {
	u := document.NewUpload(990000000001)
	u.ICP.Evidence = []document.Attachment{{
		Format: document.JPEG, Purpose: 1, Content: []byte{1},
		Owner: document.EvidenceOwner{Kind: 2, Record: document.OwnerRef{ID: 1}},
	}}
	return u
}

// send prepares and sends an upload.
func send(ctx context.Context, c *bureau.Client, sequence int64) (bureau.Outcome, error) {
	parcel, err := c.Prepare(evidenceUpload())
	if err != nil {
		return bureau.Outcome{}, err
	}
	return c.Send(ctx, sequence, parcel)
}

func TestConfigNamesEveryField(t *testing.T) {
	_, err := bureau.New(bureau.Config{UpDownLoad: "ftp://x", BeianStatus: "http://", VerifyPassword: "http://a/b"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"UpDownLoad", "BeianStatus", "ProviderID", "User", "Now", "key"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "VerifyPassword") {
		t.Errorf("%v", err)
	}
}

// TestParametersOnTheWire checks the order of the parameters and both spellings of the provider's id against a client used in
// production.
func TestParametersOnTheWire(t *testing.T) {
	var path, action, body string
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		path, action, body = r.URL.Path, r.Header.Get("SOAPAction"), string(text)
		if r.ContentLength != int64(len(text)) || r.Header.Get("Content-Type") != soap.ContentType {
			t.Errorf("length %d of %d, type %s", r.ContentLength, len(text), r.Header.Get("Content-Type"))
		}
		request, _ := soap.ParseRequest(text)
		_, _ = w.Write(soap.Answer(request.Method, `<return><msg_code>0</msg_code><VerifyRes> 0 </VerifyRes>`+
			`<StatusInfo><Bazt> 1 </Bazt></StatusInfo></return>`))
	}, func(c *bureau.Config) {
		c.IDElement = map[bureau.Method]string{bureau.VerifyPasswordMethod: "ispid"}
	})
	for _, call := range []struct {
		path, names string
		make        func(context.Context) error
	}{
		{"/a", "ispID userName randVal pwdHash beianInfo beianInfoHash dataSequence encryptAlgorithm hashAlgorithm compressionFormat",
			func(ctx context.Context) error { _, err := send(ctx, c, 7); return err }},
		{"/a", "ispID userName randVal pwdHash hashAlgorithm",
			func(ctx context.Context) error { _, _, err := c.Download(ctx); return err }},
		{"/a", "ispID userName randVal pwdHash hashAlgorithm fileName",
			func(ctx context.Context) error { _, err := c.Ack(ctx, "x.xml"); return err }},
		{"/a", "ispId userName randVal pwdHash hashAlgorithm",
			func(ctx context.Context) error { _, _, err := c.QueryPrevious(ctx); return err }},
		{"/b", "ispID userName randVal pwdHash hashAlgorithm queryConditionType queryCondition",
			func(ctx context.Context) error { _, _, err := c.Filed(ctx, bureau.Query{Value: "a.cn"}); return err }},
		{"/c", "ispid userName randVal pwdHash hashAlgorithm baxh bamm",
			func(ctx context.Context) error { _, _, err := c.VerifyPassword(ctx, "1", "2"); return err }},
	} {
		if err := call.make(t.Context()); err != nil {
			t.Errorf("%s: %v", call.names, err)
		}
		if path != call.path || action != `""` {
			t.Errorf("%s: path %s, action %s", call.names, path, action)
		}
		at := 0
		for name := range strings.FieldsSeq(call.names) {
			next := strings.Index(body[at:], "<"+name+` xmlns="">`)
			if next < 0 {
				t.Errorf("%s: no %s where it must be", call.names, name)
				break
			}
			at += next
		}
	}
}

// TestNoAnswer checks that without a usable answer an upload must be settled, and other methods can be called again.
func TestNoAnswer(t *testing.T) {
	redirected := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { redirected = true }))
	defer elsewhere.Close()
	for name, answer := range map[string]http.HandlerFunc{
		"status 404": http.NotFound,
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"HTML": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>busy</html>")) },
		"SOAP fault": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			_, _ = w.Write(soap.ClientFault("x"))
		},
		"no code":      respondWith(`<msg>x</msg>`),
		"code in text": respondWith(`<msg_code>zero</msg_code>`),
		"too long":     respondWith(`<msg_code>0</msg_code><msg>` + strings.Repeat("x", 5000) + `</msg>`),
		"too long, announced": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9000")
			_, _ = w.Write(make([]byte, 9000))
		},
		"cut short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("<soap"))
		},
		"closed": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		c := newClient(t, answer, func(c *bureau.Config) { c.MaxResponse = 4096 })
		outcome, err := send(t.Context(), c, 1)
		if !errors.Is(err, bureau.ErrNoAnswer) || outcome.Code != result.Unknown || outcome.Disposition != result.Settle {
			t.Errorf("%s: upload %+v, %v", name, outcome, err)
		}
		_, outcome, err = c.Download(t.Context())
		if !errors.Is(err, bureau.ErrNoAnswer) || outcome.Code != result.Unknown || outcome.Disposition != result.RetryLater {
			t.Errorf("%s: download %+v, %v", name, outcome, err)
		}
	}
	if redirected {
		t.Error("followed a redirect")
	}
}

// TestNoConnection checks that without a connection, where nothing was uploaded, the same parcel can be sent again.
func TestNoConnection(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL
	server.Close()
	c, err := bureau.New(newConfig(url))
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := send(t.Context(), c, 1)
	if !errors.Is(err, bureau.ErrNoAnswer) || outcome.Disposition != result.RetryLater {
		t.Errorf("%+v, %v", outcome, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := c.Download(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	c := newClient(t, func(_ http.ResponseWriter, r *http.Request) { <-release },
		func(c *bureau.Config) { c.Timeout = 50 * time.Millisecond })
	t.Cleanup(func() { close(release) })
	if outcome, err := send(t.Context(), c, 1); err == nil || outcome.Disposition != result.Settle {
		t.Errorf("%+v, %v", outcome, err)
	}
}

func TestIncompleteAnswers(t *testing.T) {
	c := newClient(t, respondWith(`<msg_code>0</msg_code>`))
	if _, outcome, err := c.Filed(t.Context(), bureau.Query{}); err == nil || outcome.OK() {
		t.Errorf("status: %+v", outcome)
	}
	if _, outcome, err := c.VerifyPassword(t.Context(), "1", "2"); err == nil || outcome.OK() {
		t.Errorf("verdict: %+v", outcome)
	}
	unknown := newClient(t, respondWith(`<msg_code>77</msg_code><msg>新代码</msg>`))
	if outcome, err := unknown.Ack(t.Context(), "x"); err != nil || outcome.Disposition != result.Stop || outcome.Text != "新代码" {
		t.Errorf("unknown code: %+v, %v", outcome, err)
	}
	gap := newClient(t, respondWith(`<msg_code>14</msg_code><msg/><dataSequences><dataSequence>501</dataSequence></dataSequences>`))
	if outcome, err := send(t.Context(), gap, 502); err != nil || len(outcome.Missing) != 1 || outcome.Missing[0] != 501 {
		t.Errorf("gap: %+v, %v", outcome, err)
	}
}

// TestNothingToDownload: an empty list of files is no damaged file. A bureau sent one with msg_code 2, and the exchange stopped.
func TestNothingToDownload(t *testing.T) {
	const fields = `<fileInfos><hashAlgorithm>0</hashAlgorithm><compressionFormat>0</compressionFormat><encryptAlgorithm>1</encryptAlgorithm>`
	for _, list := range []string{
		"", "<fileInfos/>", "<fileInfos>\n</fileInfos>", fields + `</fileInfos>`,
		fields + `<return_FileName></return_FileName><beianInfo></beianInfo><beianInfoHash></beianInfoHash></fileInfos>`,
		fields + `<return_FileName> </return_FileName><beianInfo/><beianInfoHash>1B2M2Y8AsgTpgAmY7PhCfg==</beianInfoHash></fileInfos>`,
	} {
		for _, code := range []string{"0", "1", "2", "3"} {
			c := newClient(t, respondWith(`<msg_code>`+code+`</msg_code>`+list))
			delivery, outcome, err := c.Download(t.Context())
			if delivery != nil || !outcome.OK() || err != nil {
				t.Errorf("code %s, %q: %+v, %+v, %v", code, list, delivery, outcome, err)
			}
			previous, outcome, err := c.QueryPrevious(t.Context())
			if previous.Sequence != 0 || !outcome.OK() || err != nil {
				t.Errorf("code %s, %q: previous %+v, %+v, %v", code, list, previous, outcome, err)
			}
		}
	}
	withNames := newClient(t, respondWith(`<msg_code>2</msg_code>`+fields+`<return_FileName>old.xml</return_FileName></fileInfos>`))
	if delivery, outcome, err := withNames.Download(t.Context()); delivery != nil || outcome.Code != result.NothingToDownload || err != nil {
		t.Errorf("code 2 with a name: %+v, %+v, %v", delivery, outcome, err)
	}
	// A previous upload without its number must not restart the numbers at 1.
	numberless := newClient(t, respondWith(`<msg_code>0</msg_code>`+fields+`<return_FileName>a.xml</return_FileName><beianInfo>AQID</beianInfo></fileInfos>`))
	if _, outcome, err := numberless.QueryPrevious(t.Context()); !errors.Is(err, bureau.ErrNoAnswer) || outcome.OK() {
		t.Errorf("a previous upload without a number: %+v, %v", outcome, err)
	}
	// A code about downloads does not say that an upload was accepted.
	for _, code := range []string{"1", "2", "3"} {
		if outcome, err := send(t.Context(), newClient(t, respondWith(`<msg_code>`+code+`</msg_code>`)), 1); err != nil || outcome.Disposition != result.Settle {
			t.Errorf("an upload answered with %s: %+v, %v", code, outcome, err)
		}
	}
}

// TestQueriesThatTheInterfaceLacks: certificate kinds above 11 are not asked (MIIT-IF30 5.5).
func TestQueriesThatTheInterfaceLacks(t *testing.T) {
	called := 0
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		called++
		respondWith(`<msg_code>0</msg_code><StatusInfo><Bazt>1</Bazt></StatusInfo>`)(w, r)
	})
	for kind := int64(-1); kind <= 44; kind++ {
		before := called
		_, outcome, err := c.Filed(t.Context(), bureau.Query{Type: kind, Value: "1"})
		if askable := kind >= 0 && kind <= 11; outcome.OK() != askable || (called > before) != askable || errors.Is(err, bureau.ErrUnsendable) == askable {
			t.Errorf("kind %d: %+v, %v", kind, outcome, err)
		}
	}
}

func TestDamagedFiles(t *testing.T) {
	codec := wire.Codec{}
	packed := func(content string) wire.Parcel {
		p, err := codec.Encode(wire.File{Name: "a.xml", Content: []byte(content)}, at)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	good := packed(`<DownloadData version="V.3.0"><ICP/></DownloadData>`)
	encoded := func(info, hash string, hashKind, compression, encryption int) http.HandlerFunc {
		return respondWith(fmt.Sprintf(`<msg_code>0</msg_code><fileInfos><hashAlgorithm>%d</hashAlgorithm><compressionFormat>%d</compressionFormat>`+
			`<encryptAlgorithm>%d</encryptAlgorithm>`, hashKind, compression, encryption) + `<return_FileName>a.xml</return_FileName><beianInfo>` + info +
			`</beianInfo><beianInfoHash>` + hash + `</beianInfoHash></fileInfos>`)
	}
	file := func(info, hash string) http.HandlerFunc { return encoded(info, hash, 0, 0, 0) }
	upload := packed(`<UploadData/>`)
	lenient := func(c *bureau.Config) { c.AcceptPlain = true }
	zipless := []byte("no zip")
	sum := md5.Sum(zipless)
	for _, test := range []struct {
		name        string
		answer      http.HandlerFunc
		want        error
		disposition result.Disposition
	}{
		{"hash", file(good.Info(), upload.Hash), bureau.ErrDamaged, result.Stop},
		{"base64", file("***", good.Hash), bureau.ErrDamaged, result.Stop},
		{"empty", file("", good.Hash), bureau.ErrDamaged, result.Stop},
		{"without a hash", file(good.Info(), ""), bureau.ErrDamaged, result.Stop},
		{"another hash algorithm", encoded(good.Info(), good.Hash, 1, 0, 0), bureau.ErrDamaged, result.Stop},
		{"another compression", encoded(good.Info(), good.Hash, 0, 1, 0), bureau.ErrDamaged, result.Stop},
		{"another encryption", encoded(good.Info(), good.Hash, 0, 0, 2), bureau.ErrDamaged, result.Stop},
		{"wrong root", file(upload.Info(), upload.Hash), bureau.ErrUnreadable, result.Done},
		{"not document", file(packed("text").Info(), packed("text").Hash), bureau.ErrUnreadable, result.Done},
		{"no zip", file(base64.StdEncoding.EncodeToString(zipless), base64.StdEncoding.EncodeToString(sum[:])),
			bureau.ErrUnreadable, result.Done},
	} {
		d, outcome, err := newClient(t, test.answer, lenient).Download(t.Context())
		if !errors.Is(err, test.want) || outcome.Disposition != test.disposition {
			t.Errorf("%s: %+v, %v", test.name, outcome, err)
		}
		if d == nil || d.Name != "a.xml" || d.Document != nil || len(d.Parcel.Data) == 0 && test.name != "base64" && test.name != "empty" {
			t.Errorf("%s: delivered %+v", test.name, d)
		}
	}
	if delivery, _, err := newClient(t, file(good.Info(), good.Hash), lenient).Download(t.Context()); err != nil || delivery.Name != "a.xml" {
		t.Errorf("good: %v", err)
	}
	d, outcome, err := newClient(t, file(good.Info(), good.Hash)).Download(t.Context())
	if !errors.Is(err, bureau.ErrPlain) || outcome.Disposition != result.Stop || d.Document != nil || len(d.Parcel.Data) == 0 {
		t.Errorf("without encryption, although a key is agreed: %+v, %+v, %v", d, outcome, err)
	}
	numbered := respondWith(`<msg_code>0</msg_code><fileInfos><hashAlgorithm>0</hashAlgorithm><compressionFormat>0</compressionFormat>` +
		`<encryptAlgorithm>0</encryptAlgorithm><dataSequence>7</dataSequence><return_FileName>a.xml</return_FileName><beianInfo>` + upload.Info() +
		`</beianInfo><beianInfoHash>` + upload.Hash + `</beianInfoHash></fileInfos>`)
	for accepted, options := range map[bool][]func(*bureau.Config){true: {lenient}, false: nil} {
		previous, _, err := newClient(t, numbered, options...).QueryPrevious(t.Context())
		if err != nil || previous.Sequence != 7 || (previous.Content != nil) != accepted {
			t.Errorf("the last upload without encryption, accepted %t: %+v, %v", accepted, previous, err)
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	c := newClient(t, http.NotFound, func(c *bureau.Config) { c.MaxDocument = 1000 })
	two := evidenceUpload()
	two.ICP.Cancel = []document.Cancellation{{ID: 1, Reason: 1}}
	if _, err := c.Prepare(two); !errors.Is(err, bureau.ErrUnsendable) {
		t.Errorf("two operations: %v", err)
	}
	long := evidenceUpload()
	long.ICP.Evidence[0].Content = make([]byte, 2000)
	if _, err := c.Prepare(long); !errors.Is(err, bureau.ErrUnsendable) || !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("too long: %v", err)
	}
	if _, err := c.Prepare(document.NewUpload(1)); !errors.Is(err, bureau.ErrUnsendable) {
		t.Errorf("empty: %v", err)
	}
}
