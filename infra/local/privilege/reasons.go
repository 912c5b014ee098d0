package privilege

import (
	"slices"
	"strings"
)

// A reason says why functions may do what the journeys on the laptop need not make them do.
type reason struct {
	actions   []string // with "*" at the end: all that begin so
	on        string   // part of the resource; "" is any
	functions []string // nil is all
	why       string
}

var reasons = []reason{
	{[]string{"logs:*"}, "", nil,
		"Lambda writes a function's log in its name; on the laptop the log is its output."},
	{[]string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}, "/stream/", nil,
		"Lambda reads the table's stream in the function's name; on the laptop the sweeper is called after each transaction."},
	{[]string{"sqs:SendMessage"}, "", []string{"sweeper"},
		"Lambda gives a record of the stream up to the queue in the function's name."},
	{[]string{"kms:Decrypt", "kms:GenerateDataKey"}, "key/evidence", nil,
		"S3 encrypts and opens objects in the function's name; on the laptop it does not encrypt."},
	{[]string{"s3:ListBucket"}, "", nil,
		"S3 asks for it to say that an object is missing, instead of that it is forbidden."},
	{[]string{"ses:SendEmail"}, ":configuration-set/", nil,
		"The identity's configuration set comes with each email, and SES asks for it; no request names it."},
	{[]string{"dynamodb:GetItem"}, "-keys", []string{"api"},
		"As with the next line: the key that is asked for is read first."},
	{[]string{"kms:Decrypt"}, "key/filings", []string{"api"},
		"A process of the API that did not open the order itself asks for its key; there is one process only, unless built functions run."},
	{[]string{"states:SendTaskSuccess", "states:SendTaskFailure"}, "",
		[]string{"awaitbureau", "awaitconfirmation", "collectdetails", "collectevidence", "initialreview", "maildocuments", "verifyauthenticity", "verifyproduct", "verifysms", "verifytype", "transmit"},
		"A state that finds the order elsewhere than it thought ends at once, in success or failure: a matter of moments."},
	{[]string{"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query", "kms:Decrypt", "kms:GenerateDataKey", "s3:GetObject", "s3:PutObject",
		"states:SendTaskSuccess", "states:SendTaskFailure"}, "", []string{"operator"},
		"An operator processes a file of the bureau again, with every decision in it; the journeys need no operator for that, functions/api tests it."},
	{[]string{"states:*"}, "", []string{"sweeper"},
		"The sweeper tells the machine what a function that died did not; journeys/interrupted kills them."},
	{[]string{"states:SendTaskSuccess", "states:SendTaskFailure"}, "", []string{"exchange", "expire", "reminders", "smsreply"},
		"Whoever ends a wait ends it in success or failure by what was decided; not each came to both."},
	{[]string{"dynamodb:UpdateItem", "dynamodb:DeleteItem"}, "", []string{"announce", "followup", "reminders", "smsreply", "verifysms", "verifytype"},
		"A decision is one transaction with all that it frees; which writes that are depends on the order."},
}

// reasonFor is why a function may do something; "" if that is for the journeys to show.
func reasonFor(g grant) string {
	for _, r := range reasons {
		if r.functions != nil && !slices.Contains(r.functions, g.function) || !strings.Contains(g.resource, r.on) {
			continue
		}
		if slices.ContainsFunc(r.actions, func(action string) bool {
			prefix, wild := strings.CutSuffix(action, "*")
			return g.action == action || wild && strings.HasPrefix(g.action, prefix)
		}) {
			return r.why
		}
	}
	return ""
}
