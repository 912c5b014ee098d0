package privilege

// An excuse permits a function one operation for which no call was recorded, on the resource whose ARN ends in on.
type excuse struct{ function, operation, on, reason string }

const (
	keyOfOtherProcess = "The key of an order that another process opened is read and decrypted. On the laptop one process opens all orders, and caches their keys."
	ownSystem         = "A full copy of the bureau is compared with all filings. The journeys of other orders share a system, so journeys/copied plays it in its own."
	ownIssuer         = "Cognito sends the codes of log-ins by SMS. The laptop has an issuer of its own."
	timesOutFirst     = "The state machine times out an idle order on the day on which reminders closes it. Whichever comes first closes the order."
)

var excuses = []excuse{
	{"api", "dynamodb:GetItem", "table/beian-default-keys", keyOfOtherProcess},
	{"api", "kms:Decrypt", "key/filings", keyOfOtherProcess},
	{"exchange", "dynamodb:DeleteItem", "table/beian-default-keys", ownSystem},
	{"exchange", "dynamodb:Query", "table/beian-default/index/open", ownSystem},
	{"cognito-idp.amazonaws.com", "sts:AssumeRole", "role/ApplicantssmsRoleCC00B1AC", ownIssuer},
	{"reminders", "states:SendTaskFailure", "stateMachine:beian-default-filing", timesOutFirst},
}
