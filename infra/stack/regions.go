package stack

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"

	"beian/shared/setup/domains"
)

var regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)

// withoutSES are Regions near China without Amazon SES (endpoint list of AWS SDK for Go, sesv2 v1.79.8): both of China, and
// Hong Kong.
var withoutSES = []string{"cn-north-1", "cn-northwest-1", "ap-east-1"}

// withoutSMS are Regions in which Amazon SNS sends no SMS: both of China (Getting Started with Amazon Web Services in China,
// Amazon SNS), and Hong Kong and Seoul (Amazon SNS Developer Guide, Supported Regions and countries).
var withoutSMS = []string{"cn-north-1", "cn-northwest-1", "ap-east-1", "ap-northeast-2"}

// partitions are the name prefixes of Regions outside the commercial partition (partitions.json of AWS SDK for Go, v1.48.0).
// Credentials of one partition are invalid in the others.
var partitions = []string{china, "us-gov-", "us-iso-", "us-isob-", "eu-isoe-", "us-isof-", "eusc-"}

const china = "cn-"

// regionsOfChina are the Regions of the partition aws-cn. New ones are rare, and what they lack would have to be known.
var regionsOfChina = []string{"cn-north-1", "cn-northwest-1"}

// partitionOf returns the prefix of a Region's name, or "" in the commercial partition.
func partitionOf(region string) string {
	i := slices.IndexFunc(partitions, func(p string) bool { return strings.HasPrefix(region, p) })
	if i < 0 {
		return ""
	}
	return partitions[i]
}

func (s Settings) regionProblems(wrong func(field, format string, args ...any)) {
	if !regionName.MatchString(s.Region) {
		wrong("region", "%q is not an AWS Region such as ap-southeast-1 / %[1]q 不是 ap-southeast-1 这样的 AWS 区域", s.Region)
		return
	}
	if partitionOf(s.Region) == china {
		s.chinaProblems(wrong)
		return
	}
	if s.usesSES() {
		s.checkRegion(wrong, "mail.region", s.mailRegion(), withoutSES, "Amazon SES")
	}
	if s.SMS.Kind == SNS {
		s.checkRegion(wrong, "sms.region", s.smsRegion(), withoutSMS, "SMS (Amazon SNS)")
	}
}

// chinaProblems reports a Region that does not exist, the services of AWS in the settings that the Regions of China lack, and look-ups abroad. Credentials of these Regions are invalid elsewhere, so another
// Region cannot stand in.
func (s Settings) chinaProblems(wrong func(field, format string, args ...any)) {
	if !slices.Contains(regionsOfChina, s.Region) {
		wrong("region", "%q is not a Region of China; use cn-north-1 (Beijing) or cn-northwest-1 (Ningxia) / %[1]q 不是中国的区域，请填写 cn-north-1（北京）或 cn-northwest-1（宁夏）", s.Region)
	}
	if s.usesSES() {
		wrong("mail.smtp", "is missing: the Regions of China have no Amazon SES; give host, port and user of a mail relay"+
			" / 未填写：中国区域没有 Amazon SES，请填写邮件服务商 SMTP 服务器的 host、port 和 user")
	}
	if s.SMS.Kind == SNS {
		wrong("sms", "a carrier is missing: in the Regions of China Amazon SNS sends no SMS; set kind to %s, and give name, endpoint and key"+
			" / 未填写短信服务商：中国区域的 Amazon SNS 不发送短信，请将 kind 设为 %[1]s，并填写 name、endpoint 和 key", HTTPS)
	}
	if s.Identity.Kind == Cognito {
		wrong("identity", "an issuer is missing: the Regions of China have no Cognito user pools; set kind to %s, and give issuer and audiences"+
			" / 未填写身份服务：中国区域没有 Cognito 用户池，请将 kind 设为 %[1]s，并填写 issuer 和 audiences", OIDC)
	}
	if s.Domains.Lookups != domains.Off {
		wrong("domains.lookups", "the public directory of domains (RDAP) has servers abroad, and data stay in the country; set it to %s"+
			" / 域名公共查询（RDAP）的服务器在境外，数据应留在境内，请设为 %[1]s", domains.Off)
	}
	s.abroadProblems(wrong)
}

// abroadProblems reports addresses of AWS in other partitions, such as the issuer of a user pool in Singapore. Names of AWS in China have another ending.
func (s Settings) abroadProblems(wrong func(field, format string, args ...any)) {
	check := func(field, address string) {
		host := address
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			host = u.Hostname()
		}
		name := "." + strings.ToLower(strings.TrimSuffix(host, "."))
		if slices.ContainsFunc([]string{".amazonaws.com", ".amazoncognito.com", ".on.aws", ".api.aws"}, func(suffix string) bool { return strings.HasSuffix(name, suffix) }) {
			wrong(field, "%s is a service of AWS outside China, and data stay in the country; choose one in China / %[1]s 是 AWS 境外区域的服务，数据应留在境内，请选用境内的服务", host)
		}
	}
	check("identity.issuer", s.Identity.Issuer)
	check("identity.pages", s.Identity.Pages)
	check("sms.endpoint", s.SMS.Endpoint)
	if s.Mail.SMTP != nil {
		check("mail.smtp.host", s.Mail.SMTP.Host)
	}
	if s.Liveness != nil {
		check("liveness.endpoint", s.Liveness.Endpoint)
	}
	if s.Domains.Registrar != nil {
		check("domains.registrar.endpoint", s.Domains.Registrar.Endpoint)
	}
}

// untagged returns the types of resources that have no tags in the Region: in China, event source mappings (Getting Started, Amazon Lambda) and dashboards (CloudFormation's registry there).
func (s Settings) untagged() *[]*string {
	if partitionOf(s.Region) != china {
		return nil
	}
	return jsii.Strings("AWS::Lambda::EventSourceMapping", "AWS::CloudWatch::Dashboard")
}

// checkRegion reports a problem if the environment's functions cannot use a service in a Region.
func (s Settings) checkRegion(wrong func(field, format string, args ...any), field, region string, without []string, service string) {
	switch {
	case !regionName.MatchString(region):
		wrong(field, "%q is not an AWS Region such as ap-southeast-1 / %[1]q 不是 ap-southeast-1 这样的 AWS 区域", region)
	case slices.Contains(without, region):
		wrong(field, "%s has no %s; choose a Region that has it / %[1]s 没有 %[2]s，请选用有此服务的区域", region, service)
	case partitionOf(region) != partitionOf(s.Region):
		wrong(field, "%s is in another AWS partition than %s, so the credentials of the functions are invalid there; choose a Region of the same partition / %[1]s 与 %[2]s 不在同一 AWS 分区，函数的凭证在那里无效，请选用同一分区的区域", region, s.Region)
	}
}
