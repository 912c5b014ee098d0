package privilege

// An excuse says why a role may do something that the journeys need not show. It names one action of one role, and the resource by the end of its
// ARN. An excused grant may also be used: some calls depend on the moment.
type excuse struct{ role, action, on, reason string }

// Reasons.
const (
	caughtUp            = "A state whose order has moved on before the state has saved its token completes its own task, in success or failure. That takes an unlucky moment."
	eitherResult        = "The function completes the waiting task in success or failure, depending on the decision. Not every function meets both."
	decisionTransaction = "Every function that decides has the grants of a decision's transaction. The decisions of this function update or delete nothing today."
	sweeperRepairs      = "The sweeper notifies the machine for a function that died. journeys/interrupted kills functions."
	cachedKey           = "A process that did not open the order itself reads and decrypts its key. In one process the key is cached; with built functions it is not."
	operatorReplays     = "The operator processes a file of the bureau again, with all decisions in it. The journeys need no replay; functions/api tests it."
	bucketKey           = "S3 grants come with the use of the bucket's key. The reviewer only reads."
)

var excuses = []excuse{
	{"awaitbureau", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"awaitbureau", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"awaitconfirmation", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"awaitconfirmation", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"collectdetails", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"collectdetails", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"collectevidence", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"collectevidence", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"initialreview", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"initialreview", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"maildocuments", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"maildocuments", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"verifyauthenticity", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"verifyauthenticity", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"verifyproduct", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"verifyproduct", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"verifysms", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"verifysms", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"verifytype", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"verifytype", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"transmit", "states:SendTaskSuccess", "stateMachine:beian-default-filing", caughtUp},
	{"transmit", "states:SendTaskFailure", "stateMachine:beian-default-filing", caughtUp},
	{"exchange", "states:SendTaskSuccess", "stateMachine:beian-default-filing", eitherResult},
	{"exchange", "states:SendTaskFailure", "stateMachine:beian-default-filing", eitherResult},
	{"expire", "states:SendTaskSuccess", "stateMachine:beian-default-filing", eitherResult},
	{"expire", "states:SendTaskFailure", "stateMachine:beian-default-filing", eitherResult},
	{"reminders", "states:SendTaskSuccess", "stateMachine:beian-default-filing", eitherResult},
	{"reminders", "states:SendTaskFailure", "stateMachine:beian-default-filing", eitherResult},
	{"smsreply", "states:SendTaskSuccess", "stateMachine:beian-default-filing", eitherResult},
	{"smsreply", "states:SendTaskFailure", "stateMachine:beian-default-filing", eitherResult},
	{"sweeper", "states:SendTaskSuccess", "stateMachine:beian-default-filing", sweeperRepairs},
	{"sweeper", "states:SendTaskFailure", "stateMachine:beian-default-filing", sweeperRepairs},
	{"sweeper", "states:StartExecution", "stateMachine:beian-default-filing", sweeperRepairs},
	{"announce", "dynamodb:DeleteItem", "table/beian-default", decisionTransaction},
	{"announce", "dynamodb:UpdateItem", "table/beian-default", decisionTransaction},
	{"followup", "dynamodb:DeleteItem", "table/beian-default", decisionTransaction},
	{"followup", "dynamodb:UpdateItem", "table/beian-default", decisionTransaction},
	{"reminders", "dynamodb:UpdateItem", "table/beian-default", decisionTransaction},
	{"smsreply", "dynamodb:UpdateItem", "table/beian-default", decisionTransaction},
	{"verifysms", "dynamodb:DeleteItem", "table/beian-default", decisionTransaction},
	{"verifysms", "dynamodb:UpdateItem", "table/beian-default", decisionTransaction},
	{"verifytype", "dynamodb:UpdateItem", "table/beian-default", decisionTransaction},
	{"api", "dynamodb:GetItem", "table/beian-default-keys", cachedKey},
	{"api", "kms:Decrypt", "key/filings", cachedKey},
	{"operator", "dynamodb:DeleteItem", "table/beian-default", operatorReplays},
	{"operator", "dynamodb:PutItem", "table/beian-default-keys", operatorReplays},
	{"operator", "dynamodb:DeleteItem", "table/beian-default-keys", operatorReplays},
	{"operator", "dynamodb:Query", "table/beian-default", operatorReplays},
	{"operator", "kms:Decrypt", "key/evidence", operatorReplays},
	{"operator", "kms:GenerateDataKey", "key/evidence", operatorReplays},
	{"operator", "kms:GenerateDataKey", "key/filings", operatorReplays},
	{"operator", "s3:GetObject", "Evidence/*", operatorReplays},
	{"operator", "s3:ListBucket", "Evidence", operatorReplays},
	{"operator", "s3:PutObject", "Evidence/*", operatorReplays},
	{"operator", "states:SendTaskFailure", "stateMachine:beian-default-filing", operatorReplays},
	{"operator", "states:SendTaskSuccess", "stateMachine:beian-default-filing", operatorReplays},
	{"reviewer", "kms:GenerateDataKey", "key/evidence", bucketKey},
}
