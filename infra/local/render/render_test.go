package render_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"beian/infra/local/inventedweb"
	"beian/infra/local/render"
	"beian/shared/partners/siteprobe"
	"beian/shared/rules/webpage"
)

// TestRender: scripts run, what hides the number is still known, and neither pages nor their scripts reach anything but sites.
func TestRender(t *testing.T) {
	web, err := inventedweb.Start(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	p := &siteprobe.Prober{Resolver: web, Dial: web.Dial}
	r, err := render.Start(render.Config{Dial: p.DialHost})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	const link = `<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>`
	pages := map[string]string{
		"written": `<body><div id=app></div><script>setTimeout(() => { document.getElementById('app').innerHTML = '` + link + `' }, 50)</script>`,
		"hidden":  `<body><style>:root{--c:#fff} .f > a:link{color:var(--c)}</style><div class=f id=app></div><script>document.getElementById('app').innerHTML = '` + link + `'</script>`,
		"none":    `<body><p>示例</p><script>document.title = 'x'</script>`,
		"attack": `<body>` + link + `<script>for (const u of ['http://127.0.0.1/', 'http://localhost/', 'http://169.254.169.254/', 'http://inside-example.cn/', 'https://[::1]/'])
			fetch(u, {mode: 'no-cors'}).catch(() => 0)</script><img src="http://inside-example.cn/x"><iframe src="http://169.254.169.254/"></iframe>`,
	}
	n := 0
	for name, html := range pages {
		n++
		web.Add(name+"-example.cn", fmt.Sprintf("8.130.1.%d", n), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<!doctype html>"+html)
		}))
	}
	web.AddName("inside-example.cn", "127.0.0.1")
	for name, want := range map[string]string{"written": "京ICP备12345678号-1", "hidden": "京ICP备12345678号-1 colour", "none": "", "attack": "京ICP备12345678号-1"} {
		for _, scheme := range []string{"https", "http"} {
			html, err := r.Render(t.Context(), scheme+"://"+name+"-example.cn/")
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, number := range webpage.Read(html).Numbers {
				got = strings.TrimSpace(number.Filing.String() + " " + string(number.Hidden))
			}
			if got != want {
				t.Errorf("%s over %s: %q, want %q", name, scheme, got, want)
			}
		}
	}
	for _, dialled := range web.Dialled() {
		if !strings.HasPrefix(dialled, "8.130.1.") {
			t.Errorf("dialled %s", dialled)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Render(ctx, "https://none-example.cn/"); err == nil {
		t.Error("a page was rendered after the end")
	}
}

// TestReachesNothing: whatever a page asks the browser for, no packet goes past the proxy, which refuses all but sites.
func TestReachesNothing(t *testing.T) {
	web, err := inventedweb.Start(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	var reached atomic.Int32
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	go func() {
		for {
			c, err := inside.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			_ = c.Close()
		}
	}()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	go func() {
		for buffer := make([]byte, 1500); ; {
			if _, _, err := packets.ReadFrom(buffer); err != nil {
				return
			}
			reached.Add(1)
		}
	}()
	p := &siteprobe.Prober{Resolver: web, Dial: web.Dial}
	r, err := render.Start(render.Config{Dial: p.DialHost})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	html := strings.NewReplacer("TCP", inside.Addr().String(), "UDP", packets.LocalAddr().String()).Replace(`<!doctype html><body>示例
		<link rel=dns-prefetch href="http://TCP/"><link rel=preconnect href="http://TCP/"><link rel=prefetch href="http://TCP/x">
		<img src="http://TCP/x"><iframe src="http://TCP/"></iframe><object data="http://TCP/"></object><form id=f action="http://TCP/" target=_blank></form>
		<script>
			const quietly = f => { try { const p = f(); if (p && p.catch) p.catch(() => 0) } catch (e) {} };
			for (const host of ['TCP', 'localhost:' + 'TCP'.split(':')[1], '[::ffff:127.0.0.1]:' + 'TCP'.split(':')[1], '0.0.0.0:' + 'TCP'.split(':')[1]]) {
				quietly(() => fetch('http://' + host + '/', {mode: 'no-cors'}));
				quietly(() => new WebSocket('ws://' + host + '/'));
				quietly(() => navigator.sendBeacon('http://' + host + '/', 'x'));
				quietly(() => new EventSource('http://' + host + '/'));
			}
			quietly(() => window.open('http://TCP/'));
			quietly(() => document.getElementById('f').submit());
			quietly(() => {
				const peer = new RTCPeerConnection({iceServers: [{urls: ['stun:UDP', 'turn:TCP?transport=tcp', 'turn:UDP'], username: 'x', credential: 'x'}]});
				peer.createDataChannel('x');
				return peer.createOffer().then(o => peer.setLocalDescription(o));
			});
			quietly(() => new Worker(URL.createObjectURL(new Blob(["fetch('http://TCP/', {mode: 'no-cors'}).catch(() => 0)"]))));
		</script>`)
	web.Add("attack-example.cn", "8.130.1.1", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	}))
	if _, err := r.Render(t.Context(), "https://attack-example.cn/"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if n := reached.Load(); n > 0 {
		t.Errorf("%d connections or packets went past the proxy", n)
	}
	for _, dialled := range web.Dialled() {
		if !strings.HasPrefix(dialled, "8.130.1.1:") {
			t.Errorf("dialled %s", dialled)
		}
	}
}
