package simulator

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/result"
	"beian/shared/bureau/soap"
)

// Handler serves the interface under the paths of MIIT-IF30 2.1, and with GET …?wsdl the description of each service.
func (b *Bureau) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+bureau.UpDownLoadPath, b.serve(map[bureau.Method]method{
		bureau.UploadMethod:        b.upload,
		bureau.DownloadMethod:      b.download,
		bureau.AckMethod:           b.acknowledge,
		bureau.QueryPreviousMethod: b.queryPrevious,
	}))
	mux.HandleFunc("POST "+bureau.BeianStatusPath, b.serve(map[bureau.Method]method{
		bureau.FiledMethod: b.queryFiled,
	}))
	mux.HandleFunc("POST "+bureau.VerifyPasswordPath, b.serve(map[bureau.Method]method{
		bureau.VerifyPasswordMethod: b.verifyPassword,
	}))
	for path := range services {
		mux.HandleFunc("GET "+path, serveWSDL)
	}
	return mux
}

// A method handles one call.
type method func(call) answer

// call is a request with its account.
type call struct {
	method  bureau.Method
	params  map[string][]byte
	account *Account
}

func (c call) text(name string) string { return strings.TrimSpace(string(c.params[name])) }

// integer returns an integer parameter; false if it is missing or not an integer.
func (c call) integer(name string) (int64, bool) {
	n, err := strconv.ParseInt(c.text(name), 10, 64)
	return n, err == nil
}

// errSuppressed marks an answer that the scenario suppresses.
var errSuppressed = errors.New("the scenario suppresses the answer")

func (b *Bureau) serve(methods map[bureau.Method]method) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if b.consumeFault(&b.unavailable) {
			http.Error(w, "unavailable", http.StatusServiceUnavailable)
			return
		}
		body, err := soap.ReadBody(http.MaxBytesReader(w, r.Body, b.config.MaxRequest), r.ContentLength)
		if err != nil {
			http.Error(w, "request too large or cut short", http.StatusRequestEntityTooLarge)
			return
		}
		w.Header().Set("Content-Type", soap.ContentType)
		request, err := soap.ParseRequest(body)
		answer := methods[bureau.Method(request.Method)]
		if err == nil && answer == nil {
			err = errors.New("the address has no such method")
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write(soap.ClientFault(err.Error()))
			return
		}
		reply := b.answer(answer, request, r.RemoteAddr)
		if errors.Is(reply.err, errSuppressed) {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(soap.Answer(request.Method, reply.document()))
	}
}

// RefuseUploads makes the bureau refuse all uploads (901) while it answers other calls, or ends that. It ends with the process.
func (b *Bureau) RefuseUploads(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refusesUploads = on
}

// consumeFault decrements a count of pending faults and reports whether there was one.
func (b *Bureau) consumeFault(faults *int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if *faults == 0 {
		return false
	}
	*faults--
	return true
}

// answer makes the checks of all calls, in the order of MIIT-IF30 15.3, and executes the call.
func (b *Bureau) answer(m method, request soap.Request, remote string) answer {
	c := call{method: bureau.Method(request.Method), params: request.Parameters}
	b.mu.Lock()
	refusal := b.authenticate(&c, remote)
	if refusal.code == result.OK {
		if err := b.decideDue(); err != nil {
			refusal = internalFailure(err)
		}
	}
	b.mu.Unlock()
	if refusal.code != result.OK {
		return refusal
	}
	return m(c)
}

// authenticate finds the account and checks the credentials. The caller holds b.mu.
func (b *Bureau) authenticate(c *call, remote string) answer {
	if on := b.state.steering.Maintenance; on != nil && *on {
		if c.method == bureau.UploadMethod {
			return answer{code: result.UploadMaintenance}
		}
		return answer{code: result.DownloadMaintenance}
	}
	if b.refusesUploads && c.method == bureau.UploadMethod {
		return answer{code: result.UploadMaintenance}
	}
	id, given := c.integer("ispID")
	if !given {
		id, given = c.integer("ispId")
	}
	if !given {
		return missingParameter("ispId")
	}
	account, known := b.accounts[id]
	if !known {
		return answer{code: result.OtherProvince}
	}
	c.account = account
	if c.text("userName") != account.User {
		return answer{code: result.WrongUser}
	}
	if refusal := checkPassword(c); refusal.code != result.OK {
		return refusal
	}
	switch {
	case !allowed(account.AllowedFrom, remote):
		return answer{code: result.NotAuthenticated}
	case account.Barred:
		return answer{code: result.NoPermission}
	case b.exceedsRate(account):
		return answer{code: result.Other, text: "：调用过于频繁，请稍后再试"}
	}
	return answer{}
}

func allowed(prefixes []netip.Prefix, remote string) bool {
	if len(prefixes) == 0 {
		return true
	}
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(from.Addr().Unmap()) })
}

// exceedsRate counts a call and reports whether the account exceeds its calls per minute.
func (b *Bureau) exceedsRate(a *Account) bool {
	if a.CallsPerMinute == 0 {
		return false
	}
	count := b.calls[a.ProviderID]
	if minute := b.config.Now().Truncate(time.Minute); !minute.Equal(count.minute) {
		count = callCount{minute: minute}
	}
	count.count++
	b.calls[a.ProviderID] = count
	return count.count > a.CallsPerMinute
}
