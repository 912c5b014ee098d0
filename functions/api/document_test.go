package api_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/bureau/result"
	"beian/shared/filing"
	"beian/shared/filing/plan"
	"beian/shared/filing/register"
	"beian/shared/partners/webhook"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/rules/app"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
	"beian/shared/rules/number"
	"beian/shared/web"
)

// tags group the operations, in the order in which a filing needs them.
var tags = []*huma.Tag{
	{Name: "Orders", Description: "备案订单：开立、查询 · Open and read applications"},
	{Name: "Application", Description: "产品验证、主体与网站信息 · Server, subject, sites and leaders"},
	{Name: "Papers", Description: "上传资料与邮寄资料 · Uploaded papers, and mailed originals"},
	{Name: "Presence", Description: "真实性核验 · Liveness check of the site leaders"},
	{Name: "Confirmation", Description: "信息核验与短信验证 · Summary, submission and SMS check"},
	{Name: "Review", Description: "备案初审 · Initial review by the provider"},
	{Name: "Closing", Description: "撤销、放弃与重新提交 · Withdraw, abandon, resubmit"},
	{Name: "Inventory", Description: "服务器与备案服务号 · Servers and filing service codes"},
	{Name: "Bureau", Description: "管局数据交换 · Exchange with the bureau, for operators"},
	{Name: "Access", Description: "未备案不接入：主机核对与变更列表 · No filing, no access: checks of hosts, and the feed of changes, for the provider's own systems"},
	{Name: "Reference", Description: "各省规则与代码 · Rules of the provinces and code lists"},
	{Name: "Events", Description: "推送给接入方系统的事件 · Events that are sent to other programs"},
	{Name: "Webhooks", Description: "事件的接收地址与重发 · Endpoints of events, and replays"},
}

// errorsOfOthers tells clients about the errors that are not this API's: API Gateway answers before a function is called, in words that
// cannot be set.
const errorsOfOthers = `Every error of an operation is a problem (RFC 9457): title and detail in the language of Accept-Language, findings in both.

API Gateway answers some requests itself, with {"message": …} in English only. Show your users this instead:

| Status | message | 中文 | English |
| --- | --- | --- | --- |
| 401 | Unauthorized | 登录已过期或还没有登录，请重新登录；已保存的资料不会丢失。 | You are not logged in, or no longer. Log in again; what you saved is kept. |
| 403 | Forbidden | 没有权限，请重新登录；仍不行的请联系客服。 | Not permitted. Log in again, or ask the provider. |
| 404 | Not Found | 没有这个地址，请返回首页重新进入。 | There is no such page. Start again at the first page. |
| 413 | Request Entity Too Large | 提交的内容太大，请减少内容；图片请用上传功能提交。 | The request is too large. Send less, and upload pictures with their forms. |
| 429 | Too Many Requests | 现在使用的人太多，请稍等一分钟再试。 | Too many requests. Try again in a minute. |
| 5xx | Internal Server Error, Service Unavailable | 系统繁忙，请稍等一分钟再试；已保存的资料不会丢失。 | The system is busy. Try again in a minute; what you saved is kept. |

The store answers a refused upload in XML, in English only. Ignore its answer and submit the key of the upload: the findings say what is wrong.`

// documentOf merges the operations of several functions into one OpenAPI document. It panics if two of them declare the same
// path, or different schemas under one name.
func documentOf(apis ...*web.API) *huma.OpenAPI {
	document := web.New(web.Config{}).OpenAPI()
	document.Info.Description = "面向接入服务商的 ICP 备案系统接口：备案订单、初审与管局结果。" +
		" ICP filing system of an access provider: applications, initial review and the bureau's results.\n\n" + errorsOfOthers
	document.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An ID token or access token of the identity provider."},
		"signature": {Type: "apiKey", In: "header", Name: webhook.SignatureHeader,
			Description: "Signature of the request after Standard Webhooks, with a secret of the provider's machines; the headers " + webhook.IDHeader + " and " + webhook.TimestampHeader + " belong to it."},
	}
	document.Tags = tags
	document.Paths = map[string]*huma.PathItem{}
	schemas := document.Components.Schemas.Map()
	for _, a := range apis {
		part := a.OpenAPI()
		document.Servers = part.Servers
		for path, item := range part.Paths {
			if document.Paths[path] != nil {
				panic(fmt.Sprintf("api: two functions declare %s", path))
			}
			document.Paths[path] = item
		}
		if part.Webhooks != nil {
			document.Webhooks = part.Webhooks
		}
		for name, schema := range part.Components.Schemas.Map() {
			if other := schemas[name]; other != nil && !reflect.DeepEqual(properties(other), properties(schema)) {
				panic(fmt.Sprintf("api: two functions declare different schemas %s", name))
			}
			schemas[name] = schema
		}
	}
	enumerate(schemas)
	for _, item := range document.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			describeOrderID(op)
		}
	}
	return document
}

// describeOrderID sets the form of an order's id. The API does not refuse other ids as malformed: there is no such order (404).
func describeOrderID(op *huma.Operation) {
	if op == nil {
		return
	}
	for _, p := range op.Parameters {
		if p.In == "path" && p.Name == "id" && strings.HasPrefix(op.Path, "/orders/") {
			schema := *p.Schema
			schema.Pattern, p.Schema = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$", &schema
		}
	}
}

// properties returns the type of each property of a schema.
func properties(s *huma.Schema) map[string]string {
	types := map[string]string{}
	for name, p := range s.Properties {
		types[name] = p.Type + p.Ref
	}
	return types
}

// enumerate sets the allowed values of properties whose values are a closed set in the code: of all properties with a name, or of one schema's.
// Properties of requests are checked by the operations, whose findings say more than a schema.
func enumerate(schemas map[string]*huma.Schema) {
	for place, values := range closedSets() {
		name, property, one := strings.Cut(place, ".")
		if !one {
			name, property = "", place
		}
		found := false
		for of, schema := range schemas {
			p := schema.Properties[property]
			if name != "" && of != name || p == nil {
				continue
			}
			if p.Type == huma.TypeArray {
				p = p.Items
			}
			if found = true; p.Type == huma.TypeString && len(p.Enum) == 0 {
				p.Enum = values
			}
		}
		if !found {
			panic("api: the document has no " + place)
		}
	}
}

// closedSets returns the values of properties by their places: "property" or "Schema.property".
func closedSets() map[string][]any {
	sets := map[string][]any{
		"status": values(filing.Statuses...), "step": values(filing.Steps...), "Kind.steps": values(filing.Steps...),
		"closing":                          values(filing.ClosingWithdraw, filing.ClosingAbandon, filing.ClosingExpire, filing.ClosingReject),
		"language":                         values("zh-CN", "en"),
		"scopes":                           values(register.Scopes...),
		"severity":                         values(finding.Block, finding.Warn, finding.Inform),
		"PlanDomain.filed":                 values(plan.NotFiled, plan.Elsewhere, plan.Here),
		"NewCancellation.kind":             values(filing.CancelAccess, filing.CancelSubject, filing.CancelSite),
		"Entry.role":                       values(filing.Applicant, filing.Reviewer, filing.Admin, filing.System),
		"Limits.contentTypes":              values("image/jpeg", "image/png"),
		"Given.contentType":                values("image/jpeg", "image/png"),
		"Move.action":                      values(liveness.Blink, liveness.Nod, liveness.TurnLeft, liveness.TurnRight, liveness.OpenMouth),
		"ExchangeReceived.state":           values(exchange.Accepted, exchange.Processed, exchange.Acknowledged, exchange.Poison),
		"ExchangeLinkResponse.disposition": values("", result.Done, result.RetryLater, result.FixAndResend, result.Settle, result.Stop),
		"ExchangeDeadEntry.kind": values(decide.StartExecution, decide.ResumeExecution, decide.SendNotice, decide.UploadRecord, decide.EraseOrder, decide.DropEvidence,
			decide.SendRegisterNotice, decide.EndOrders),
	}
	for _, name := range []string{"invalid", "unauthenticated", "forbidden", "not-found", "conflict", "stale", "too-large", "too-many", "unavailable", "internal",
		"method-not-allowed", "unsupported-media-type"} {
		sets["Problem.type"] = append(sets["Problem.type"], "urn:beian:problem:"+name)
	}
	for _, k := range filing.Kinds {
		for _, schema := range []string{"Brief", "FilingNext", "Kind", "Order", "PlanOrder", "PlannedOrder", "PlanVerdict", "SplitPart", "Summary"} {
			sets[schema+".type"] = append(sets[schema+".type"], string(k.Type))
		}
	}
	for _, s := range number.Services {
		for _, place := range []string{"Kind.services", "serviceKind"} {
			sets[place] = append(sets[place], s.Name())
		}
		sets["ServiceKind.letter"] = append(sets["ServiceKind.letter"], string(s))
		for _, system := range app.Systems(s) {
			if !slices.Contains(sets["AppPlatform.system"], any(system.ID)) {
				sets["AppPlatform.system"] = append(sets["AppPlatform.system"], system.ID)
			}
		}
	}
	return sets
}

func values[T ~string](all ...T) []any {
	var listed []any
	for _, v := range all {
		listed = append(listed, string(v))
	}
	return listed
}
