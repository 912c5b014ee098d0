package privilege

// An excuse permits a function one operation for which no call was recorded, on the resource whose ARN ends in on.
type excuse struct{ function, operation, on, reason string }

const (
	keyOfOtherProcess = "The key of an order that another process opened is read and decrypted. On the laptop one process opens all orders, and caches their keys."
	timesOutFirst     = "The state machine times out an idle order on the day on which reminders closes it. Whichever comes first closes the order."
)

var excuses = []excuse{
	{"api", "dynamodb:GetItem", "table/beian-default-keys", keyOfOtherProcess},
	{"api", "kms:Decrypt", "key/filings", keyOfOtherProcess},
	{"reminders", "states:SendTaskFailure", "stateMachine:beian-default-filing", timesOutFirst},
}
