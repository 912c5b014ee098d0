package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"beian/infra/local/demo"
	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
)

// runningOperator returns the operator of the system that the commands for operators use: that at the address API, else that of make run at PORTAL_PORT. A
// system on another machine needs TOKEN, the ID token of an operator. Without API, it returns nil if no system runs on this machine.
func runningOperator(ctx context.Context) (*scenario.User, error) {
	port, err := portFromEnv("PORTAL_PORT", 8080)
	if err != nil {
		return nil, err
	}
	if base := os.Getenv("API"); base != "" {
		return logInOperator(ctx, addressOf(base))
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	if answer, err := http.Get(base + "/api/v1/health"); err != nil {
		return nil, nil
	} else if err := answer.Body.Close(); err != nil {
		return nil, err
	}
	return logInOperator(ctx, base)
}

// errNotRunning says that a command needs a system.
var errNotRunning = errors.New("no system is running; start one with make run, set PORTAL_PORT to its port, or set API and TOKEN for another system / 系统没有运行，请用 make run 启动，或将 PORTAL_PORT 设为其端口；如需连接其他系统，请设置 API 和 TOKEN")

// addressOf returns the address of a system without the path of its API, which is often copied with it.
func addressOf(api string) string {
	return strings.TrimSuffix(strings.TrimRight(api, "/"), "/api/v1")
}

// logInOperator returns the operator whom TOKEN names, or logs in to a system on this machine.
func logInOperator(ctx context.Context, api string) (*scenario.User, error) {
	client := &scenario.Client{Portal: api, HTTP: &http.Client{Timeout: 2 * time.Minute}}
	if token := os.Getenv("TOKEN"); token != "" {
		return client.WithToken(token), nil
	}
	u, err := url.Parse(api)
	if err != nil || u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		return nil, errors.New("set TOKEN to the ID token of an operator; only a system on this machine needs none / 请将 TOKEN 设为运营人员的 ID 令牌，只有本机的系统不需要")
	}
	client.Sent = func(to string) []outbox.Message {
		var sent []outbox.Message
		response, err := client.HTTP.Get(api + "/local/outbox.json?to=" + url.QueryEscape(to))
		if err != nil {
			return nil
		}
		defer response.Body.Close()
		if err := json.NewDecoder(io.LimitReader(response.Body, 10<<20)).Decode(&sent); err != nil {
			return nil
		}
		slices.Reverse(sent) // the page has the newest first
		return sent
	}
	operator, err := client.Login(ctx, demo.AdminLogin)
	if err != nil {
		return nil, fmt.Errorf("no system answers at %s; start one with make run, or set API / %[1]s 没有系统响应，请用 make run 启动，或设置 API: %[2]w", api, err)
	}
	return operator, nil
}

// terminalLanguage returns the language of the terminal: "zh-CN", or "en" for every other than Chinese.
func terminalLanguage() string {
	if strings.HasPrefix(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LANG")), "zh") {
		return "zh-CN"
	}
	return "en"
}
