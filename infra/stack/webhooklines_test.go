package stack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/mailbounce"
	"beian/functions/smsreply"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/partners/webhook"
	"beian/shared/process/bounce"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

// A table fails with an error.
type table struct{ err error }

func (s table) RecordBounce(context.Context, string, string, time.Time) (register.ID, bool, error) {
	return "", false, s.err
}

func (s table) OrdersAwaitingReply(context.Context, contact.Mobile) ([]filing.ID, error) {
	return nil, s.err
}

func (s table) AddReviewReply(context.Context, register.ReviewReply) error { return s.err }

// TestCountedFailuresOfWebhooks: a webhook answers 503 to each request that has to be repeated, and its alarm counts those that failed. A bounce that is reported before its email is counted, and a request
// that meets others, have not.
func TestCountedFailuresOfWebhooks(t *testing.T) {
	down := fault.New(fault.Unavailable, "读取失败。", "It cannot be read.")
	secrets := []webhook.Secret{webhook.NewSecret()}
	for metric, body := range map[string]string{
		"LostBounces": `{"messageId":"<notice_01DX2QTM8000000000000000NT.0123456789abcdef@provider.example>"}`,
		"LostReplies": `{"from":"13900000000","text":"123456","receivedAt":"2019-12-25T09:00:00Z"}`,
	} {
		pattern := patternOf(t, metric)
		for _, c := range []struct {
			err   error
			lines int
		}{{nil, 0}, {bounce.ErrNotCounted, 0}, {fault.Contended(nil), 0}, {down, 1}, {fmt.Errorf("with what it is about: %w", down), 1}, {context.DeadlineExceeded, 1}} {
			if metric == "LostReplies" && c.err == bounce.ErrNotCounted {
				continue
			}
			var log bytes.Buffer
			logger := slog.New(slog.NewJSONHandler(&log, nil))
			handle := mailbounce.Handler{Counter: bounce.Counter{Store: table{c.err}, Now: time.Now, Log: logger}, Secrets: secrets, WallClock: time.Now}.Handle
			if metric == "LostReplies" {
				handle = smsreply.Handler{Replies: table{c.err}, Secrets: secrets, WallClock: time.Now, Log: logger}.Handle
			}
			header := webhook.Sign("request-1", []byte(body), time.Now(), secrets[0]).Map()
			header["content-type"] = "application/json"
			out, err := handle(t.Context(), events.APIGatewayV2HTTPRequest{Body: body, Headers: header})
			if want := map[bool]int{true: http.StatusOK, false: http.StatusServiceUnavailable}[c.err == nil]; err != nil || out.StatusCode != want {
				t.Errorf("%s after %v: %d %s, %v", metric, c.err, out.StatusCode, out.Body, err)
			}
			if got := matchingLines(t, pattern, &log); got != c.lines {
				t.Errorf("%s after %v: %d lines, want %d:\n%s", metric, c.err, got, c.lines, log.String())
			}
		}
	}
}

// patternOf returns the values of fields that the filter of a metric requires of a line.
func patternOf(t *testing.T, metric string) map[string]string {
	t.Helper()
	for _, r := range readTemplate(t, "china-system").resourcesOf("AWS::Logs::MetricFilter") {
		if !strings.Contains(compactJSON(t, r.Properties["MetricTransformations"]), `"MetricName":"`+metric+`"`) {
			continue
		}
		text, pattern, again := r.Properties["FilterPattern"].(string), map[string]string{}, []string(nil)
		for _, found := range regexp.MustCompile(`\$\.(\w+) = "([^"*]+)"`).FindAllStringSubmatch(text, -1) {
			pattern[found[1]], again = found[2], append(again, found[0])
		}
		if text != "{ "+strings.Join(again, " && ")+" }" {
			t.Fatalf("this test does not know the pattern %s", text)
		}
		return pattern
	}
	t.Fatalf("there is no filter of %s", metric)
	return nil
}

// matchingLines returns how many lines of a log a pattern selects.
func matchingLines(t *testing.T, pattern map[string]string, log *bytes.Buffer) (n int) {
	t.Helper()
	for line := range strings.Lines(log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		matches := true
		for field, value := range pattern {
			matches = matches && fields[field] == value
		}
		if matches {
			n++
		}
	}
	return n
}
