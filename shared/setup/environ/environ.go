// Package environ names the environment variables of the functions, for the stack and the laptop, which set them, and the mains,
// which read them with [Load].
package environ

import (
	"fmt"
	"slices"
	"strings"
)

// A Name is the name of an environment variable.
type Name string

const (
	Table        Name = "TABLE"          // of DynamoDB
	KeysTable    Name = "KEYS_TABLE"     // of DynamoDB, for wrapped data keys; without backups
	Bucket       Name = "BUCKET"         // of S3, for evidence and the bureau's files; all encrypted under keys of the filings
	Uploads      Name = "UPLOADS_BUCKET" // of S3, for uploads that are not accepted yet; without versions
	StateMachine Name = "STATE_MACHINE"  // ARN of the filing machine

	Retention Name = "RETENTION" // JSON of filing.Retention

	Limits Name = "LIMITS" // changes of limits as JSON; see limits.Settings

	Agencies Name = "AGENCIES" // accounts that may act for several subjects, as JSON; see agency.Settings

	// OnlyAccess is filing.OnlyAccess: whether the only access of a site may be cancelled.
	OnlyAccess Name = "ONLY_ACCESS"

	// SecondReadings is filing.SecondReadings as JSON: which orders two reviewers read.
	SecondReadings Name = "SECOND_READINGS"

	// ReviewDays is filing.ReviewPromise: within how many working days the provider reviews an application.
	ReviewDays Name = "REVIEW_DAYS"

	// BureauTaskDays is bureautask.Deadlines as JSON: within how many working days the bureau's tasks are done.
	BureauTaskDays Name = "BUREAU_TASK_DAYS"

	KMSKey    Name = "KMS_KEY"     // wraps data keys
	KMSMACKey Name = "KMS_MAC_KEY" // HMAC_256, makes look-up keys

	// Clock is the path of the file with the offset of the laptop's clock from real time. It is not set on AWS.
	Clock Name = "CLOCK"

	// SiteWatch is how filed websites are watched, as JSON; see sitewatch.Settings.
	SiteWatch Name = "SITE_WATCH"

	MailFrom   Name = "MAIL_FROM"   // verified with SES, or by the mail relay
	MailRegion Name = "MAIL_REGION" // of SES; default: the function's Region
	// SMTPURL is the mail relay through which email is sent instead of SES, as mailrelay.ParseURL reads it, and SMTPPassword its password.
	SMTPURL             Name = "SMTP_URL"
	SMTPPassword        Name = "SMTP_PASSWORD"
	ProviderNameChinese Name = "PROVIDER_NAME_ZH"
	ProviderNameEnglish Name = "PROVIDER_NAME_EN"
	PortalURL           Name = "PORTAL_URL"
	StaffURL            Name = "STAFF_URL" // of the pages of staff
	SupportPhone        Name = "SUPPORT_PHONE"
	PaperAddress        Name = "PAPER_ADDRESS" // where originals are mailed to

	// The identity provider: the issuer of tokens, the portal's client there, and the origin of its log-in pages.
	IssuerURL    Name = "ISSUER_URL"
	IssuerClient Name = "ISSUER_CLIENT"
	IssuerPages  Name = "ISSUER_PAGES"

	PCUploads Name = "PC_UPLOADS" // "true": papers may be uploaded on a PC; else on a phone only

	// SMSHours is [AnyHour] if leaders may get SMS at any hour, as on the laptop. It is not set on AWS: they get none at night (ADR 45).
	SMSHours Name = "SMS_HOURS"

	SMSSecrets Name = "SMS_WEBHOOK_SECRETS" // one or two secrets ("whsec_…"), separated by a comma

	BounceSecrets Name = "BOUNCE_WEBHOOK_SECRETS" // of what reports bounces of a mail relay; one or two, separated by a comma

	AccessSecrets Name = "ACCESS_CHECK_SECRETS" // of the machines that ask about hosts; one or two, separated by a comma

	// The SMS carrier. Without an endpoint it is SNS, in SMSRegion or by default in the function's Region.
	SMSRegion       Name = "SMS_REGION"
	CarrierName     Name = "SMS_CARRIER_NAME"
	CarrierEndpoint Name = "SMS_CARRIER_ENDPOINT"
	CarrierKey      Name = "SMS_CARRIER_KEY"
	CarrierSecret   Name = "SMS_CARRIER_SECRET"

	// The liveness provider. Without an endpoint it is the simulator, whose results are marked as simulated.
	LivenessName     Name = "LIVENESS_NAME"
	LivenessEndpoint Name = "LIVENESS_ENDPOINT"
	LivenessKey      Name = "LIVENESS_KEY"
	LivenessSecret   Name = "LIVENESS_SECRET"

	// DomainLookups says where facts about domains are looked up besides the registrar system: in public (the default), nowhere ("off"), or in a
	// simulator, on the laptop only. See package setup/domains.
	DomainLookups Name = "DOMAIN_LOOKUPS"

	// The provider's own registrar system. Without an endpoint, there is none.
	RegistrarName     Name = "REGISTRAR_NAME"
	RegistrarEndpoint Name = "REGISTRAR_ENDPOINT"
	RegistrarKey      Name = "REGISTRAR_KEY"
	RegistrarSecret   Name = "REGISTRAR_SECRET"

	// Bureau says how applications reach the bureau: over the ministry's interface (the default), or by hand ("manual"): operators enter them into
	// the bureau's console, and the variables below may be missing.
	Bureau Name = "BUREAU"

	// The addresses and credentials that the bureau issued to the provider (MIIT-IF30).
	BureauUpDownLoad     Name = "BUREAU_UPDOWNLOAD_URL"
	BureauStatus         Name = "BUREAU_STATUS_URL"
	BureauVerifyPassword Name = "BUREAU_VERIFY_URL"
	BureauProvider       Name = "BUREAU_PROVIDER_ID"
	BureauCharacters     Name = "BUREAU_CHARACTERS" // those that the bureau can read: "gb18030", or GBK without it
	BureauUser           Name = "BUREAU_USER"
	BureauPassword       Name = "BUREAU_PASSWORD"
	BureauKey            Name = "BUREAU_KEY"
	BureauIV             Name = "BUREAU_IV"
	BureauSendsPlain     Name = "BUREAU_SENDS_PLAIN" // "true": the bureau's files may come without encryption, although a key is agreed
)

// Optional are the variables that may be missing. Load sets their values to "".
var Optional = []Name{Clock, SiteWatch, Limits, Agencies, PCUploads, SMSHours, Bureau, OnlyAccess, ReviewDays, SecondReadings, BureauTaskDays, BureauCharacters, BureauSendsPlain, SupportPhone, LivenessName, LivenessEndpoint, LivenessKey, LivenessSecret,
	DomainLookups, RegistrarName, RegistrarEndpoint, RegistrarKey, RegistrarSecret,
	MailRegion, SMTPURL, SMTPPassword, SMSRegion, CarrierName, CarrierEndpoint, CarrierKey, CarrierSecret}

// AnyHour is the value of [SMSHours] for SMS at any hour.
const AnyHour = "any"

// Manual is the value of [Bureau] for filing by hand.
const Manual = "manual"

// OfInterface are the variables of the ministry's interface, which may be missing if [Bureau] is [Manual].
var OfInterface = []Name{BureauUpDownLoad, BureauStatus, BureauVerifyPassword, BureauProvider, BureauUser, BureauPassword, BureauKey, BureauIV}

// Values are the values of environment variables.
type Values map[Name]string

// Load reads variables with a function such as [os.LookupEnv]. The error names every missing variable, in English and Chinese.
func Load(lookup func(string) (string, bool), names ...Name) (Values, error) {
	values := Values{}
	var missing []string
	bureau, _ := lookup(string(Bureau))
	if bureau != "" && bureau != Manual {
		return nil, fmt.Errorf("environment: %s=%q is not valid; use %s, or leave it out / 环境变量 %[1]s=%[2]q 无效，请设为 %[3]s 或不设置", Bureau, bureau, Manual)
	}
	for _, n := range names {
		text, _ := lookup(string(n))
		if text == "" && !slices.Contains(Optional, n) && (bureau != Manual || !slices.Contains(OfInterface, n)) {
			missing = append(missing, string(n))
		}
		values[n] = text
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, fmt.Errorf("environment variables are missing: %s; set them / 缺少环境变量 %[1]s，请设置", strings.Join(slices.Compact(missing), ", "))
	}
	return values, nil
}
