package render_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
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
