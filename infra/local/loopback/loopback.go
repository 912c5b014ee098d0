// Package loopback protects the listeners of the laptop from web pages of other sites, which the browser of the same user may show:
//
//	http.Serve(listener, loopback.Guard(listener.Addr(), handler))
//
// A page can send requests to every port of its visitor's machine. With a domain that it lets point to 127.0.0.1 (DNS rebinding), it can also
// read the answers. [Guard] refuses both. Programs without a browser, such as curl and SDKs, are served as long as they use the listener's
// own address.
package loopback

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Guard returns a handler that serves only requests
//
//   - whose Host is a name or address of the loopback with the port of the listener; others get 421;
//   - that no page of another origin sent, by Origin and Sec-Fetch-Site; others get 403. A link from another site may open a page.
//
// Trusted are further listeners whose pages may send requests.
func Guard(listener net.Addr, h http.Handler, trusted ...net.Addr) http.Handler {
	own := port(listener)
	origins := []string{own}
	for _, one := range trusted {
		origins = append(origins, port(one))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !isLoopback(r.Host, own):
			refuse(w, http.StatusMisdirectedRequest,
				"这个地址只能在本机打开，请使用 http://127.0.0.1:"+own+"。", "Beian on a laptop serves only this machine: use http://127.0.0.1:"+own+".")
		case !fromAllowedPage(r, origins):
			refuse(w, http.StatusForbidden,
				"其他网站的页面不能使用本机的备案系统。请直接在浏览器中打开本机的页面。", "Pages of other sites may not use Beian on this machine. Open the local page itself.")
		default:
			h.ServeHTTP(w, r)
		}
	})
}

func port(listener net.Addr) string {
	_, port, _ := net.SplitHostPort(listener.String())
	return port
}

// isLoopback reports whether a host with a port, as in Host, names the loopback and the port. Browsers resolve every name below localhost to
// the loopback (RFC 6761, 6.3), and S3 clients use them for buckets.
func isLoopback(hostport, port string) bool {
	host, given, err := net.SplitHostPort(hostport)
	if err != nil { // without a port, which is 80 then
		host, given = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]"), "80"
	}
	if given != port {
		return false
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsLoopback()
	}
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// fromAllowedPage reports whether a request comes from a program, from a page of one of the ports, from the address bar, or from a link.
func fromAllowedPage(r *http.Request, ports []string) bool {
	if origins := r.Header.Values("Origin"); len(origins) > 0 {
		// A browser sends the origin "null" when the store redirects it to the portal after an upload.
		return len(origins) == 1 && (isOrigin(origins[0], ports) || origins[0] == "null" && opensPage(r))
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return opensPage(r)
}

// opensPage reports whether a browser sent the request to show a page, as for a link.
func opensPage(r *http.Request) bool {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	return reads && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

func isOrigin(text string, ports []string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || text != "http://"+u.Host {
		return false
	}
	for _, port := range ports {
		if isLoopback(u.Host, port) {
			return true
		}
	}
	return false
}

func refuse(w http.ResponseWriter, status int, chinese, english string) {
	text := chinese + "\n" + english + "\n"
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
