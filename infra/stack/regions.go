package stack

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

var regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)

// withoutSES are Regions that people have asked for and in which Amazon SES cannot be reached (endpoint list of AWS SDK
// for Go, sesv2 v1.79.8): both of China, and Hong Kong.
var withoutSES = []string{"cn-north-1", "cn-northwest-1", "ap-east-1"}

// withoutSMS are such Regions in which Amazon SNS takes no SMS: both of China (Getting Started with Amazon Web Services in
// China, Amazon SNS), and Hong Kong and Seoul (Amazon SNS Developer Guide, Supported Regions and countries).
var withoutSMS = []string{"cn-north-1", "cn-northwest-1", "ap-east-1", "ap-northeast-2"}

// partitions are the beginnings by which Regions outside the commercial partition are known (partitions.json of AWS SDK
// for Go, v1.48.0). Credentials of one partition are nothing in another.
var partitions = []string{china, "us-gov-", "us-iso-", "us-isob-", "eu-isoe-", "us-isof-", "eusc-"}

const china = "cn-"

// partition is the beginning of a Region's name, "" in the commercial partition.
func partition(region string) string {
	i := slices.IndexFunc(partitions, func(p string) bool { return strings.HasPrefix(region, p) })
	if i < 0 {
		return ""
	}
	return partitions[i]
}

func (s Settings) regionProblems(wrong func(field, format string, args ...any)) {
	if !regionName.MatchString(s.Region) {
		wrong("region", "%q is no Region of AWS, such as ap-southeast-1", s.Region)
		return
	}
	if partition(s.Region) == china {
		wrong("mail.region", "no Region of China has Amazon SES, and none elsewhere knows the credentials of %s, so applicants would get no email", s.Region)
	} else {
		s.reaches(wrong, "mail.region", s.mailRegion(), withoutSES, "Amazon SES")
	}
	if s.SMS.Kind == SNS {
		s.reaches(wrong, "sms.region", cmp.Or(s.SMS.Region, s.Region), withoutSMS, "SMS through Amazon SNS")
	}
}

// reaches refuses a Region in which the environment's functions could not use a service.
func (s Settings) reaches(wrong func(field, format string, args ...any), field, region string, without []string, service string) {
	switch {
	case !regionName.MatchString(region):
		wrong(field, "%q is no Region of AWS, such as ap-southeast-1", region)
	case slices.Contains(without, region):
		wrong(field, "%s has no %s; name a Region that has", region, service)
	case partition(region) != partition(s.Region):
		wrong(field, "%s is in another partition of AWS than %s, whose credentials it does not know", region, s.Region)
	}
}
