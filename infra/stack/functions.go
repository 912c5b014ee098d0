package stack

import (
	"slices"

	"beian/shared/setup"
	"beian/shared/setup/environ"
	"beian/shared/workflow"
)

// A Function is one folder of functions/: what it reads and what it may do.
type Function struct {
	Name string
	// Reads are the groups of variables that its lambda/main.go passes to setup.Begin.
	Reads [][]environ.Name
	May   []Grant
	// Seconds is the time limit. The default is 30.
	Seconds int
	// Memory is in MB; processor time is proportional. The default is 256: below that, JSON and AES take longer than DynamoDB.
	Memory int
	// Alone limits the function to one copy at a time.
	Alone bool
}

// A Grant is one operation on the one resource that Beian has of a kind.
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

// Grants that go together.
var (
	// One transaction, which may free locks and a slot. Index authenticates the ledger entry.
	deciding  = []Grant{GetItem, PutItem, UpdateItem, DeleteItem, ReadKey, OpenKey, Index}
	resuming  = []Grant{Succeed, Fail}
	moving    = with(deciding, resuming...) // a decision that completes a waiting task
	starting  = with(moving, Start)         // a decision that may begin a round
	waiting   = with([]Grant{GetItem, PutItem, ReadKey, OpenKey}, resuming...)
	decisions = [][]environ.Name{setup.ForDecisions}
)

// permitted are the grants that the operations of a step take.
var permitted = map[workflow.Operation][]Grant{
	workflow.Wait: waiting, workflow.Decide: deciding, workflow.Resume: resuming, workflow.Hash: {Index},
}

// variables are the environment variables that a step's groups stand for.
var variables = map[workflow.Variables][]environ.Name{workflow.BureauVariables: setup.ForRegulator}

// Functions are all functions of Beian: those of the steps, which follow from the table of package workflow, and the entry points.
var Functions = append(stepFunctions(), []Function{
	{Name: "api", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForUploads, setup.ForLiveness},
		May: with(starting, QueryTable, QueryMine, NewKey, AddKey, ReadObject, WriteObject, ReadUpload, WriteUpload, DropUpload), Memory: 1024}, // decodes pictures
	{Name: "reviewer", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket}, May: with(moving, QueryTable, QueryOpen, ReadObject)},
	// The operator may replay a file of the bureau that could not be decoded before, which is then stored under other keys.
	{Name: "operator", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForRetention, setup.ForBureauFiles},
		May: with(moving, QueryTable, NewKey, AddKey, DeleteKey, ReadObject, WriteObject), Memory: 1024}, // decodes files of the bureau
	{Name: "smsreply", Reads: [][]environ.Name{setup.ForDecisions, setup.ForSMSReply}, May: with(moving, QueryTable)},
	{Name: "sweeper", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForMessages},
		May: []Grant{GetItem, PutItem, UpdateItem, DeleteItem, QueryTable, ReadKey, OpenKey, DeleteKey, EraseObject,
			Start, Succeed, Fail, ReadStream, SendMail, SendSMS}, Seconds: 120},
	{Name: "reminders", Reads: decisions, May: with(starting, QueryOpen), Seconds: 900},
	// A file of 1,000 records takes 360 MB (make bench).
	{Name: "exchange", Reads: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForRegulator},
		May: with(moving, QueryTable, NewKey, AddKey, ReadObject, WriteObject), Seconds: 300, Memory: 1024, Alone: true},
}...)

// stepFunctions makes the functions of the steps from their rows.
func stepFunctions() []Function {
	var all []Function
	for _, s := range workflow.Tasks() {
		f := Function{Name: s.Folder(), Reads: decisions}
		for _, group := range s.Reads {
			f.Reads = append(slices.Clip(f.Reads), variables[group])
		}
		for _, operation := range s.May {
			for _, g := range permitted[operation] {
				if !f.may(g) {
					f.May = append(f.May, g)
				}
			}
		}
		all = append(all, f)
	}
	return all
}

// AsksBureau reports whether the function calls the bureau, which may want to know the address that the calls come from.
func (f Function) AsksBureau() bool { return f.reads(environ.BureauUpDownLoad) }

func with(some []Grant, more ...Grant) []Grant { return slices.Concat(some, more) }

// reads reports whether the function reads the variable.
func (f Function) reads(name environ.Name) bool {
	return slices.ContainsFunc(f.Reads, func(group []environ.Name) bool { return slices.Contains(group, name) })
}

func (f Function) may(g Grant) bool { return slices.Contains(f.May, g) }
