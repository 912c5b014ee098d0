package identity

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"beian/shared/rules/finding"
)

var (
	//go:embed page.html
	pageText string
	//go:embed login.css
	styleText []byte
)

var (
	pageTemplate = template.Must(template.New("page").Parse(pageText))
	styleVersion = func() string {
		digest := sha256.Sum256(styleText)
		return hex.EncodeToString(digest[:8])
	}()
)

// registerPages adds the browser's part of the authorization code flow.
func (i *Issuer) registerPages() {
	i.mux.HandleFunc("GET "+i.path+"/authorize", i.serveAuthorize)
	i.mux.HandleFunc("GET "+i.path+"/logout", i.serveLogout)
	i.mux.HandleFunc("GET "+i.path+"/login.css", serveStyle)
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request, flow){
		"GET /login/{flow}":       i.serveLoginPage,
		"POST /login/{flow}":      i.serveLoginForm,
		"GET /login/{flow}/code":  i.serveCodePage,
		"POST /login/{flow}/code": i.serveCodeForm,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		i.mux.HandleFunc(method+" "+i.path+path, i.withFlow(serve))
	}
}

// withFlow reads the flow and the form of a request. A form that another site's page sends is refused: its request has no cookie (SameSite), or a
// header that names the other site.
func (i *Issuer) withFlow(serve func(http.ResponseWriter, *http.Request, flow)) http.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(w http.ResponseWriter, r *http.Request) {
		f, ok := i.readFlow(r)
		tongue := languageOf("", r.Header.Get("Accept-Language"))
		switch {
		case protection.Check(r) != nil:
			i.showError(w, tongue, http.StatusForbidden, "origin")
		case !ok:
			i.showError(w, tongue, http.StatusBadRequest, "flow")
		case r.ParseForm() != nil:
			i.showError(w, f.Language, http.StatusBadRequest, "form")
		default:
			serve(w, r, f)
		}
	}
}

// serveLoginPage handles GET /login/{flow}: the page that asks for the mobile or email. ?language= switches the language of the flow.
func (i *Issuer) serveLoginPage(w http.ResponseWriter, r *http.Request, f flow) {
	if i.switchLanguage(w, r, &f) {
		i.showPage(w, http.StatusOK, page{Step: "login", Flow: f, Value: f.ShownLogin()})
	}
}

// serveCodePage handles GET /login/{flow}/code: the page that asks for the code.
func (i *Issuer) serveCodePage(w http.ResponseWriter, r *http.Request, f flow) {
	switch {
	case f.Sent == 0:
		seeOther(w, i.path+"/login/"+f.id)
	case i.switchLanguage(w, r, &f):
		i.showPage(w, http.StatusOK, page{Step: "code", Flow: f})
	}
}

// switchLanguage stores the language that the query names. It returns false after a failure, which it answers.
func (i *Issuer) switchLanguage(w http.ResponseWriter, r *http.Request, f *flow) bool {
	tongue := r.URL.Query().Get("language")
	if tongue == f.Language || tongue != chinese && tongue != english {
		return true
	}
	f.Language = tongue
	if err := i.saveFlow(w, r, *f); err != nil {
		i.showFailure(w, f.Language, err)
		return false
	}
	return true
}

// serveLoginForm handles POST /login/{flow}: it sends a code to the mobile or email, and goes on to the page for it.
func (i *Issuer) serveLoginForm(w http.ResponseWriter, r *http.Request, f flow) {
	typed := r.PostForm.Get("login")
	to, err := parseLogin(typed)
	if err != nil {
		words := wordsLogin
		if typed == "" {
			words = wordsNoLogin
		}
		i.showPage(w, http.StatusBadRequest, page{Step: "login", Flow: f, Value: typed, Problem: words.In(f.Language)})
		return
	}
	if f.Login != to.text {
		f.Login, f.Sent = to.text, 0
	}
	i.sendAndShow(w, r, f, to)
}

// sendAndShow sends a code, and redirects to the page for it, so that a browser that loads the page again sends no form. A user who requested too
// many codes gets that page too: an earlier code may be valid.
func (i *Issuer) sendAndShow(w http.ResponseWriter, r *http.Request, f flow, to login) {
	wait, err := i.sendCode(r.Context(), to, i.clientOf(r, to), f.Language)
	if err != nil {
		step := "login"
		if f.Sent > 0 {
			step = "code"
		}
		i.showPage(w, http.StatusServiceUnavailable, page{Step: step, Flow: f, Value: f.ShownLogin(), Problem: wordsNotSent.In(f.Language)})
		return
	}
	if wait == 0 || f.Sent == 0 {
		f.Sent++
	}
	if err := i.saveFlow(w, r, f); err != nil {
		i.showFailure(w, f.Language, err)
		return
	}
	if wait > 0 {
		words := setRetryAfter(w, wait)
		i.showPage(w, http.StatusTooManyRequests, page{Step: "code", Flow: f, Problem: words.In(f.Language)})
		return
	}
	seeOther(w, i.path+"/login/"+f.id+"/code")
}

// serveCodeForm handles POST /login/{flow}/code: a correct code sends the browser to the client with an authorization code. With the field resend
// it sends another code.
func (i *Issuer) serveCodeForm(w http.ResponseWriter, r *http.Request, f flow) {
	who, err := parseLogin(f.Login)
	switch {
	case err != nil || f.Sent == 0:
		seeOther(w, i.path+"/login/"+f.id)
		return
	case r.PostForm.Has("resend"):
		i.sendAndShow(w, r, f, who)
		return
	}
	typed := normalizeCode(r.PostForm.Get("code"))
	if typed == "" {
		i.showPage(w, http.StatusBadRequest, page{Step: "code", Flow: f, Problem: wordsNoCode.In(f.Language)})
		return
	}
	code, err := i.authorize(f, who, i.clientOf(r, who), typed)
	switch {
	case errors.Is(err, errCode):
		i.showPage(w, http.StatusBadRequest, page{Step: "code", Flow: f, Problem: wordsCode.In(f.Language)})
		return
	case err != nil:
		i.showFailure(w, f.Language, err)
		return
	}
	i.rememberDevice(w, who)
	i.endFlow(w, f)
	answer := url.Values{"code": {code}}
	if f.State != "" {
		answer.Set("state", f.State)
	}
	seeOther(w, withQuery(f.Redirect, answer))
}

// A page is what the template shows.
type page struct {
	Step    string // "login", "code" or "error"
	Flow    flow
	Value   string // of the field
	Problem string // about the field, or of the error page
	Home    string // where an error page links to; "" is nowhere
	path    string // of the issuer
}

// Text returns words of the page in its language.
func (p page) Text(key string) (string, error) {
	words, has := pageWords[key]
	if !has {
		return "", errors.New("no words " + key)
	}
	return words.In(p.Flow.Language), nil
}

// Path returns the path of a page of the flow, "" for the first.
func (p page) Path(name string) string {
	path := p.path + "/login/" + p.Flow.id
	if name != "" {
		path += "/" + name
	}
	return path
}

// Style returns the path of the stylesheet.
func (p page) Style() string { return p.path + "/login.css?v=" + styleVersion }

// OtherLanguage returns the link that shows the page in the other language.
func (p page) OtherLanguage() string {
	name, other := "", english
	if p.Step == "code" {
		name = "code"
	}
	if p.Flow.Language == english {
		other = chinese
	}
	return p.Path(name) + "?language=" + other
}

func (i *Issuer) showPage(w http.ResponseWriter, status int, p page) {
	p.path = i.path
	formAction := "'self'"
	if to, err := url.Parse(p.Flow.Redirect); err == nil && to.Host != "" { // browsers apply form-action to the redirect after a form too
		formAction += " " + to.Scheme + "://" + to.Host
	}
	var text bytes.Buffer
	if err := pageTemplate.Execute(&text, p); err != nil {
		i.config.Log.Error("a login page was not written", "error", err)
		http.Error(w, wordsUnavailable.Chinese+"\n"+wordsUnavailable.English, http.StatusInternalServerError)
		return
	}
	setPageHeaders(w, formAction)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", p.Flow.Language)
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

// showError shows a page about a request that cannot go on.
func (i *Issuer) showError(w http.ResponseWriter, tongue string, status int, what string) {
	p := page{Step: "error", Flow: flow{Language: tongue}, Problem: pageErrors[what].In(tongue)}
	if len(i.config.Logouts) > 0 {
		p.Home = i.config.Logouts[0]
	}
	i.showPage(w, status, p)
}

// showFailure logs a failure of the issuer, and asks the user to try again.
func (i *Issuer) showFailure(w http.ResponseWriter, tongue string, err error) {
	i.config.Log.Error("a login was not stored", "error", err)
	i.showError(w, tongue, http.StatusServiceUnavailable, "failure")
}

// setPageHeaders sets the headers of a page that may not be stored, framed, or run scripts. With the referrer policy, forms have an Origin that
// can be checked.
func setPageHeaders(w http.ResponseWriter, formAction string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action "+formAction+"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(styleText)
}

var wordsNoCode = finding.Words{Chinese: "请填写短信或邮件中的 6 位验证码。", English: "Enter the 6-digit code from the SMS or email."}

// pageWords are the words of the pages.
var pageWords = map[string]finding.Words{
	"brand":       {Chinese: "网站和应用备案", English: "ICP filing"},
	"error":       {Chinese: "错误：", English: "Error: "},
	"other":       {Chinese: "English", English: "中文"},
	"login":       {Chinese: "登录", English: "Log in"},
	"intro":       {Chinese: "不需要密码。我们发给您一个 6 位验证码，填写后即可登录。第一次登录时自动开通账户。", English: "You need no password. We send you a 6-digit code to log in with. Your first log-in opens your account."},
	"loginLabel":  {Chinese: "手机号码或邮箱", English: "Mobile number or email"},
	"loginHint":   {Chinese: "例如 138 0000 0000 或 name@example.com", English: "For example 138 0000 0000 or name@example.com"},
	"send":        {Chinese: "获取验证码", English: "Send the code"},
	"codeTitle":   {Chinese: "填写验证码", English: "Enter the code"},
	"sentPhone":   {Chinese: "我们已把验证码用短信发到", English: "We sent a code by SMS to"},
	"sentEmail":   {Chinese: "我们已把验证码用邮件发到", English: "We sent a code by email to"},
	"valid":       {Chinese: "5 分钟内有效。", English: "It is valid for 5 minutes."},
	"again":       {Chinese: "新的验证码已发出。", English: "A new code is on its way."},
	"codeLabel":   {Chinese: "6 位验证码", English: "6-digit code"},
	"submit":      {Chinese: "登录", English: "Log in"},
	"missing":     {Chinese: "没有收到？", English: "No code?"},
	"missingSMS":  {Chinese: "短信有时要等一两分钟，也可能被手机拦截到“垃圾短信”里。", English: "An SMS can take a minute or two. Some phones put it among blocked messages."},
	"missingMail": {Chinese: "邮件有时要等一两分钟，也可能在“垃圾邮件”里。", English: "An email can take a minute or two. Look in the spam folder too."},
	"resend":      {Chinese: "重新发送", English: "Send another code"},
	"change":      {Chinese: "换一个手机号码或邮箱", English: "Use another mobile number or email"},
	"safe":        {Chinese: "验证码只用来登录。请不要告诉任何人，我们的工作人员也不会向您索要。", English: "The code is only for logging in. Do not tell it to anyone; our staff never ask for it."},
	"errorTitle":  {Chinese: "不能继续登录", English: "You cannot log in here"},
	"home":        {Chinese: "回到备案网站，重新登录", English: "Go back to the filing site and log in again"},
}

// pageErrors are the words of error pages.
var pageErrors = map[string]finding.Words{
	"client_id":    {Chinese: "您打开的链接不完整或不正确（client_id）。请从备案网站重新登录，不要使用别人发来的登录链接。", English: "The link that you opened is incomplete or wrong (client_id). Log in from the filing site; do not use log-in links from other people."},
	"redirect_uri": {Chinese: "您打开的链接指向一个没有登记的地址（redirect_uri），所以没有继续。请从备案网站重新登录，不要使用别人发来的登录链接。", English: "The link that you opened leads to an address that is not registered (redirect_uri), so we stopped. Log in from the filing site; do not use log-in links from other people."},
	"logout_uri":   {Chinese: "退出后要打开的地址没有登记（logout_uri），所以没有继续。", English: "The address to open after the log-out is not registered (logout_uri), so we stopped."},
	"flow":         {Chinese: "这个登录页面已经用过或过期（30 分钟内有效），或者浏览器不接受 Cookie。您填写的申请不会丢失。", English: "This log-in page was used or has expired after 30 minutes, or your browser accepts no cookies. What you entered in an application is not lost."},
	"origin":       {Chinese: "这个请求来自另一个网站，所以没有继续。请从备案网站重新登录。", English: "Another site sent this request, so we stopped. Log in from the filing site."},
	"form":         {Chinese: "没有看懂浏览器发来的表单，请重新登录。", English: "The browser's form could not be read. Log in again."},
	"failure":      {Chinese: "暂时不能登录，请稍等一分钟再试一次。", English: "You cannot log in at the moment. Try again in a minute."},
}
