package pack

import (
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// titles say in a few words what the rules of each family are about.
var titles = map[string]finding.Words{
	"sms":                 {Chinese: "短信核验", English: "verification by SMS code"},
	"subjectLeader":       {Chinese: "主体负责人是否须为法定代表人", English: "whether the subject leader must be the legal representative"},
	"siteLeaderLetter":    {Chinese: "网站负责人授权书", English: "letter of authorisation of the site leader"},
	"residence":           {Chinese: "外省个人的备案条件", English: "individuals from other provinces"},
	"minimumAge":          {Chinese: "负责人的最低年龄", English: "minimum age of leaders"},
	"caps":                {Chinese: "域名与网站的数量上限", English: "limits of the numbers of domains and sites"},
	"refusedSuffixes":     {Chinese: "不受理的域名后缀", English: "domain suffixes that are refused"},
	"requiredSuffixes":    {Chinese: "受理的域名后缀", English: "domain suffixes that are accepted"},
	"refusedNames":        {Chinese: "不受理的域名开头", English: "beginnings of domains that are refused"},
	"sameCityAddress":     {Chinese: "通信地址与证件住所须在同一城市", English: "mailing address in the city of the certificate"},
	"footerNumber":        {Chinese: "网站底部的备案号写法", English: "number in the footer of the site"},
	"copyrightLine":       {Chinese: "网站底部的版权所有", English: "copyright line in the footer of the site"},
	"siteTitle":           {Chinese: "网页标题须为备案的网站名称", English: "title of the home page"},
	"bureauDays":          {Chinese: "管局审核的工作日", English: "working days of the bureau's review"},
	"landline":            {Chinese: "须填写固定电话", English: "landline required"},
	"officeMobileDiffers": {Chinese: "办公电话与手机号不得相同", English: "office phone other than the mobile"},
	"holderIsUnit":        {Chinese: "域名持有者须为单位本身", English: "domain held by the unit itself"},
	"shell":               {Chinese: "空壳主体的处理", English: "what a shell subject can do"},
	"traderName":          {Chinese: "无字号个体工商户的主体名称", English: "name of a sole trader without a trade name"},
	"domainValidity":      {Chinese: "域名的剩余有效期", English: "remaining validity of the domain"},
	"notes":               {Chinese: "管局的其他要求", English: "other requirements of the bureau"},
	"document":            {Chinese: "须提交的材料", English: "documents required"},
	familyName:            {Chinese: "网站名称", English: "names of sites"},
	familyPreApproval:     {Chinese: "前置审批", English: "pre-approval"},
	familyCertificate:     {Chinese: "可用的证件类型", English: "kinds of certificates"},
	familyDomain:          {Chinese: "域名", English: "domains"},
	familyContact:         {Chinese: "联系方式", English: "contacts"},
	familyCode:            {Chinese: "部颁代码表", English: "code tables of the ministry"},
	familyService:         {Chinese: "互联网信息服务的种类", English: "kinds of service"},
	familyAppName:         {Chinese: "APP 名称", English: "names of apps"},
}

// TitleOf returns in a few words what the rule with an id is about, also one of another version: its family, and the province whose rule it is. It returns
// false for an id of no known family.
func TitleOf(id string) (finding.Words, bool) {
	first, rest, _ := strings.Cut(id, ".")
	if title, known := titles[first]; known {
		return title, true
	}
	family, _, _ := strings.Cut(rest, ".")
	title, known := titles[family]
	if p := province.Code(first).Province(); known && p.Name.Chinese != "" {
		title = finding.Words{Chinese: p.Name.Chinese + "：" + title.Chinese, English: p.Name.English + ": " + title.English}
	}
	return title, known
}
