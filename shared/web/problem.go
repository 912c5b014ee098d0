package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/process/coaching"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Problem is an error response (RFC 9457). Title and detail are in the language of the request;
// findings are in both.
type Problem struct {
	Type      string       `json:"type" doc:"a stable name of the kind of problem: urn:beian:problem:<kind>" example:"urn:beian:problem:invalid"`
	Title     string       `json:"title" doc:"the kind of problem, in words"`
	Status    int          `json:"status" doc:"the HTTP status"`
	Detail    string       `json:"detail" doc:"what failed in this request"`
	Findings  finding.List `json:"findings" nullable:"false" doc:"all problems found, each with its remedy; may be empty"`
	RequestID string       `json:"requestId" doc:"quote it when asking the provider for help"`

	retryAfter time.Duration // the header Retry-After; 0 is the default of the status
	cause      error         // for the log only
}

// problemType is the media type of a problem.
const problemType = "application/problem+json"

// Error returns the type of the problem, which contains no personal data.
func (p *Problem) Error() string { return p.Type }

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus implements [huma.StatusError].
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problems.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders implements [huma.HeadersError]. The time in Retry-After is rounded up to seconds.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter <= 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds())))}}
}

// A problemClass defines the problem for one kind of fault.
type problemClass struct {
	name   string
	status int
	title  finding.Words
	// detail is used when the fault has no message, and always for internal errors.
	detail finding.Words
}

// problemClasses are the classes of the kinds of fault.
var problemClasses = map[fault.Kind]problemClass{
	fault.Invalid: {"invalid", fault.Invalid.Status(),
		finding.Words{Chinese: "提交的内容有问题", English: "Some of the request needs correction"},
		finding.Words{Chinese: "请按下面的提示逐条修改后重新提交；没有提示的，请刷新页面再试一次。", English: "See the findings: each says which field is wrong and how to correct it."}},
	fault.Unauthenticated: {"unauthenticated", fault.Unauthenticated.Status(),
		finding.Words{Chinese: "请先登录", English: "Please log in"},
		finding.Words{Chinese: "登录已过期或还没有登录，请登录后再试；已保存的资料不会丢失。", English: "The request carries no valid token; log in and try again."}},
	fault.Forbidden: {"forbidden", fault.Forbidden.Status(),
		finding.Words{Chinese: "没有权限", English: "Not permitted"},
		finding.Words{Chinese: "您登录的账号不能做这一步，请换用正确的账号登录，或联系客服。", English: "Your account does not have the role that this operation requires."}},
	fault.NotFound: {"not-found", fault.NotFound.Status(),
		finding.Words{Chinese: "没有找到", English: "Not found"},
		finding.Words{Chinese: "没有这个页面或这项内容，请返回首页重新进入。", English: "There is no such page or item. Start again at the first page."}},
	fault.Conflict: {"conflict", fault.Conflict.Status(),
		finding.Words{Chinese: "与当前状态冲突", English: "Not possible in the current state"},
		finding.Words{Chinese: "现在不能做这一步，请刷新页面查看最新进度。", English: "This is not possible in the current state. Read the current state again."}},
	fault.Stale: {"stale", fault.Stale.Status(),
		finding.Words{Chinese: "内容已更新", English: "Changed since you read it"},
		finding.Words{Chinese: "您打开页面以后，订单有了变化；请刷新页面，核对后再提交。", English: "The order has changed; read it again and resubmit."}},
	fault.TooLarge: {"too-large", fault.TooLarge.Status(),
		finding.Words{Chinese: "内容过大", English: "Too large"},
		finding.Words{Chinese: "提交的内容太大，请减少内容后再提交；图片请用页面上的上传按钮提交。", English: "The request is larger than allowed. Send less, and upload pictures with their forms."}},
	fault.TooMany: {"too-many", fault.TooMany.Status(),
		finding.Words{Chinese: "操作过于频繁", English: "Too many attempts"},
		finding.Words{Chinese: "操作太频繁了，请按提示的时间再试；没有提示的，请等一分钟。", English: "Please try again later."}},
	fault.Unavailable: {"unavailable", fault.Unavailable.Status(),
		finding.Words{Chinese: "暂时无法处理", English: "Temporarily unavailable"},
		finding.Words{Chinese: "系统繁忙，请稍后重试；您的资料没有丢失。", English: "The system is busy; try again shortly. Your data is not lost."}},
	fault.Internal: {"internal", fault.Internal.Status(),
		finding.Words{Chinese: "系统出错", English: "Internal error"},
		finding.Words{Chinese: "系统出错了，不是您的问题，已保存的资料不会丢失。请稍后再试；仍不行的请联系客服，并提供页面上的请求编号。",
			English: "An internal error occurred; what you saved is kept. Try again later. If you need help, quote the requestId."}},
}

// Classes of problems that are not faults.
var (
	wrongMethod = problemClass{"method-not-allowed", http.StatusMethodNotAllowed,
		finding.Words{Chinese: "不支持这种请求方法", English: "Method not allowed"},
		finding.Words{Chinese: "这个页面不支持这种操作，请返回上一页重试；开发者请查看 Allow 响应头。",
			English: "The address does not support this method; the Allow header lists those it supports."}}
	wrongType = problemClass{"unsupported-media-type", http.StatusUnsupportedMediaType,
		finding.Words{Chinese: "不支持这种内容类型", English: "Unsupported content type"},
		finding.Words{Chinese: "请刷新页面后重新提交；开发者请以 application/json 提交。", English: "Send application/json."}}
)

// uncompressed is the detail of a wrongType problem about a compressed body.
var uncompressed = finding.Words{Chinese: "请刷新页面后重新提交；开发者请不要压缩请求内容。", English: "Send the body without compression."}

// problem returns the problem for an error. The response does not contain the cause.
func (c *Call) problem(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	f := fault.Of(err)
	if f.Kind == fault.Internal && errors.Is(err, context.DeadlineExceeded) {
		f = &fault.Fault{Kind: fault.Unavailable, Cause: err}
	}
	if errors.Is(err, fault.ErrContention) {
		return c.newProblem(problemClasses[fault.Conflict], f.Message, f.Findings, err)
	}
	k, known := problemClasses[f.Kind]
	if !known || f.Kind == fault.Internal {
		return c.newProblem(problemClasses[fault.Internal], finding.Words{}, nil, err)
	}
	p := c.newProblem(k, f.Message, f.Findings, err)
	p.retryAfter = f.RetryAfter
	return p
}

// newProblem returns a problem of a class.
func (c *Call) newProblem(k problemClass, message finding.Words, found finding.List, cause error) *Problem {
	if len(found) > 0 && (k.status == http.StatusForbidden || k.status == http.StatusNotFound || k.status == http.StatusConflict) {
		message = cmp.Or(message, found[0].Message) // the detail of the class is for problems without findings
	}
	return &Problem{
		Type: "urn:beian:problem:" + k.name, Title: k.title.In(c.Language), Status: k.status,
		Detail:   cmp.Or(message.In(c.Language), k.detail.In(c.Language)),
		Findings: append(finding.List{}, found.Limited(0)...), RequestID: c.RequestID, cause: cause,
	}
}

// logCause logs the internal cause of a 5xx response.
func (p *Problem) logCause(ctx context.Context, c *Call, log *slog.Logger) {
	if p.Status < http.StatusInternalServerError || p.cause == nil {
		return
	}
	log.ErrorContext(ctx, "request failed", "request", c.RequestID, "status", p.Status, "cause", p.cause.Error())
}

// maxCounted is the number of findings of a problem that are counted.
const maxCounted = 20

// countFindings counts for staff what an applicant's request to change something was refused for. A malformed request does not count, and one that is repeated
// counts again. The answer does not depend on it.
func (a *API) countFindings(ctx context.Context, c *Call, p *Problem) {
	if !c.counted || c.Caller.Staff() || p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusConflict {
		return
	}
	var codes []finding.Code
	for _, f := range p.Findings {
		if !slices.Contains(codes, f.Code) && len(codes) < maxCounted {
			codes = append(codes, f.Code)
		}
	}
	if err := a.Decisions.Store.CountFindings(ctx, coaching.MonthOf(a.Decisions.Now()), codes...); err != nil {
		a.Decisions.Log.WarnContext(ctx, "findings were not counted", "request", c.RequestID, "cause", err.Error())
	}
}

// write writes the problem to w, for errors outside huma's handlers.
func (p *Problem) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // cannot fail: to memory
}

// init sets global variables of huma: two functions that construct errors, and one that makes field names case-sensitive.
func init() {
	huma.ValidateStrictCasing = true
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return (&Call{}).humaProblem(status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		return callOf(ctx.Context()).humaProblem(status, message, errs)
	}
}

// humaProblem returns the problem for an error of huma.
func (c *Call) humaProblem(status int, message string, errs []error) *Problem {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return c.problem(fault.WithFindings(fault.TooLarge, finding.List{finding.New(CodeBodyTooLarge, "")}))
	case http.StatusUnsupportedMediaType:
		return c.newProblem(wrongType, finding.Words{}, finding.List{finding.New(CodeContentType, "")}, nil)
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return c.problem(&fault.Fault{Kind: fault.Invalid, Findings: c.findingsOf(message, errs).with(c.content).list()})
	}
	return c.problem(fmt.Errorf("huma: %d %s", status, message)) // the details may quote the request
}
