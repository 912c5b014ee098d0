package stack

import (
	"slices"

	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// A Function is one folder of functions/: what it reads, and what it may do.
type Function struct {
	Name string
	// Reads are the groups of variables that its lambda/main.go hands to setup.Begin.
	Reads [][]environ.Name
	May   []Grant
	// Seconds it may run. The default is 30.
	Seconds int
	// Memory in MB, and processor time with it. The default is 256: below that, JSON and AES take longer than DynamoDB.
	Memory int
	// Alone has one copy of it run at a time.
	Alone bool
	// AsksBureau: it talks to the bureau, which may want to know its address.
	AsksBureau bool
}

// A Grant is one operation on the one thing that Beian has of its kind.
type Grant string

// Grants. Writing a transaction takes the grants of the writes in it.
const (
	GetItem     Grant = "dynamodb:GetItem"
	PutItem     Grant = "dynamodb:PutItem"
	UpdateItem  Grant = "dynamodb:UpdateItem"
	DeleteItem  Grant = "dynamodb:DeleteItem"
	QueryTable  Grant = "dynamodb:Query"
	QueryMine   Grant = "dynamodb:Query mine"
	QueryOpen   Grant = "dynamodb:Query open"
	ReadStream  Grant = "stream"
	NewKey      Grant = "kms:GenerateDataKey"
	OpenKey     Grant = "kms:Decrypt"
	Index       Grant = "kms:GenerateMac"
	ReadKey     Grant = "dynamodb:GetItem keys"
	AddKey      Grant = "dynamodb:PutItem keys"
	DeleteKey   Grant = "dynamodb:DeleteItem keys"
	ReadObject  Grant = "s3:GetObject"
	WriteObject Grant = "s3:PutObject"
	EraseObject Grant = "s3:DeleteObject"
	ReadUpload  Grant = "s3:GetObject uploads"
	WriteUpload Grant = "s3:PutObject uploads" // by a form
	DropUpload  Grant = "s3:DeleteObject uploads"
	Start       Grant = "states:StartExecution"
	Succeed     Grant = "states:SendTaskSuccess"
	Fail        Grant = "states:SendTaskFailure"
	SendMail    Grant = "ses:SendEmail"
	SendSMS     Grant = "sns:Publish"
)

// What functions do together.
var (
	// waiting: read the order, park the token beside it or end the task at once.
	waiting = []Grant{GetItem, PutItem, ReadKey, OpenKey, Succeed, Fail}
	// deciding: one transaction, which may free locks and a slot. Index authenticates the ledger entry.
	deciding = []Grant{GetItem, PutItem, UpdateItem, DeleteItem, ReadKey, OpenKey, Index}
	// moving: a decision that a waiting machine is told of.
	moving = with(deciding, Succeed, Fail)
	// starting: a decision that may begin a round.
	starting = with(moving, Start)
)

var (
	own    = [][]environ.Name{setup.ForDecisions}
	bureau = [][]environ.Name{setup.ForDecisions, setup.ForRegulator}
)

// Functions are all functions of Beian.
var Functions = []Function{
	{Name: "verifytype", Reads: bureau, May: moving, AsksBureau: true},
	{Name: "verifyproduct", Reads: own, May: waiting},
	{Name: "collectdetails", Reads: own, May: waiting},
	{Name: "collectevidence", Reads: own, May: waiting},
	{Name: "verifyauthenticity", Reads: own, May: waiting},
	{Name: "awaitconfirmation", Reads: own, May: waiting},
	{Name: "initialreview", Reads: own, May: waiting},
	{Name: "maildocuments", Reads: own, May: waiting},
	{Name: "verifysms", Reads: own, May: moving},
	{Name: "transmit", Reads: bureau, May: moving, AsksBureau: true},
	{Name: "awaitbureau", Reads: own, May: waiting},
	{Name: "announce", Reads: own, May: deciding},
	{Name: "followup", Reads: own, May: deciding},
	{Name: "withdraw", Reads: own, May: deciding},
	{Name: "abandon", Reads: own, May: deciding},
	{Name: "reject", Reads: own, May: deciding},
	{Name: "expire", Reads: own, May: moving},
	{Name: "api", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForUploads, setup.ForLiveness},
		May: with(starting, QueryTable, QueryMine, NewKey, AddKey, ReadObject, WriteObject, ReadUpload, WriteUpload, DropUpload), Memory: 1024}, // decodes pictures
	{Name: "reviewer", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket}, May: with(moving, QueryTable, QueryOpen, ReadObject)},
	// The operator may replay a file of the bureau that could not be decoded before, which is then stored under other keys.
	{Name: "operator", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForRetention, setup.ForBureauFiles},
		May: with(moving, QueryTable, NewKey, AddKey, DeleteKey, ReadObject, WriteObject), Memory: 1024}, // decodes files of the bureau
	{Name: "smsreply", Reads: [][]environ.Name{setup.ForDecisions, setup.ForSMSReply}, May: with(moving, QueryTable)},
	{Name: "sweeper", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForMessages},
		May: with(starting, QueryTable, ReadStream, SendMail, SendSMS, DeleteKey, EraseObject), Seconds: 120},
	{Name: "reminders", Reads: own, May: with(starting, QueryOpen), Seconds: 900},
	// A file of 1,000 records takes 360 MB (make bench).
	{Name: "exchange", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForRegulator},
		May: with(moving, QueryTable, NewKey, AddKey, ReadObject, WriteObject), Seconds: 300, Memory: 1024, Alone: true, AsksBureau: true},
}

func with(some []Grant, more ...Grant) []Grant { return slices.Concat(some, more) }

// reads reports whether the function reads the variable.
func (f Function) reads(name environ.Name) bool {
	return slices.ContainsFunc(f.Reads, func(group []environ.Name) bool { return slices.Contains(group, name) })
}

func (f Function) may(g Grant) bool { return slices.Contains(f.May, g) }
