package stack

import (
	"slices"

	"beian/shared/process/sitewatch"
	"beian/shared/setup"
	"beian/shared/setup/environ"
	"beian/shared/workflow"
)

// A Function describes one folder of functions/: its environment variables, permissions and limits.
type Function struct {
	Name string
	// Variables are the groups of variables that its lambda/main.go passes to setup.Begin.
	Variables [][]environ.Name
	Grants    []Grant
	// Seconds is the time limit. The default is 30.
	Seconds int
	// Memory is in MB; processor time is proportional. The default is 256: below that, JSON and AES take longer than DynamoDB.
	Memory int
	// AtATime limits how many executions run at a time; 0 does not. An invocation that cannot start within a minute is then dropped.
	AtATime int
}

// A Grant permits one IAM action on one kind of resource. Beian has one resource of each kind.
type Grant string

// Grants. A transaction needs the grant of each write in it.
const (
	GetItem        Grant = "dynamodb:GetItem"
	PutItem        Grant = "dynamodb:PutItem"
	UpdateItem     Grant = "dynamodb:UpdateItem"
	CheckItem      Grant = "dynamodb:ConditionCheckItem" // in a transaction
	DeleteItem     Grant = "dynamodb:DeleteItem"
	QueryTable     Grant = "dynamodb:Query"
	GetItems       Grant = "dynamodb:BatchGetItem"
	QueryMine      Grant = "dynamodb:Query mine"
	QueryOpen      Grant = "dynamodb:Query open"
	QueryDue       Grant = "dynamodb:Query due"
	ReadStream     Grant = "stream"
	GenerateKey    Grant = "kms:GenerateDataKey"
	UnwrapKey      Grant = "kms:Decrypt"
	ComputeMAC     Grant = "kms:GenerateMac"
	ReadKey        Grant = "dynamodb:GetItem keys"
	AddKey         Grant = "dynamodb:PutItem keys"
	DeleteKey      Grant = "dynamodb:DeleteItem keys"
	ReadObject     Grant = "s3:GetObject"
	WriteObject    Grant = "s3:PutObject"
	DeleteObject   Grant = "s3:DeleteObject"
	ListObjects    Grant = "s3:ListBucket" // to delete those of an order
	ReadUpload     Grant = "s3:GetObject uploads"
	WriteUpload    Grant = "s3:PutObject uploads" // by a form
	DeleteUpload   Grant = "s3:DeleteObject uploads"
	ListUploads    Grant = "s3:ListBucket uploads"
	StartExecution Grant = "states:StartExecution"
	SendSuccess    Grant = "states:SendTaskSuccess"
	SendFailure    Grant = "states:SendTaskFailure"
	StopExecution  Grant = "states:StopExecution"
	ReadExecution  Grant = "states:DescribeExecution"
	ReadHistory    Grant = "states:GetExecutionHistory"
	ListExecutions Grant = "states:ListExecutions"
	SendMail       Grant = "ses:SendEmail"
	SendSMS        Grant = "sns:Publish"
)

// Groups of grants.
var (
	// deciding permits a transaction with order, ledger entry, new locks and outbox entries. ComputeMAC authenticates the ledger entry.
	deciding = []Grant{GetItem, PutItem, ReadKey, UnwrapKey, ComputeMAC}
	// advancing permits it without the personal data of the order.
	advancing = []Grant{GetItem, PutItem, UpdateItem, ComputeMAC}
	releasing = []Grant{UpdateItem, DeleteItem} // permits a transaction to release a slot and locks
	resuming  = []Grant{SendSuccess}
	returning = []Grant{SendFailure}
	// restarting permits to find an execution, to see where it is, and to stop it.
	restarting = []Grant{ReadExecution, ReadHistory, ListExecutions, StopExecution}
	opening    = []Grant{CheckItem, GenerateKey, AddKey, StartExecution}
	waiting    = []Grant{GetItem, PutItem, SendSuccess, SendFailure}
	decisions  = [][]environ.Name{setup.ForDecisions}
)

// operationGrants are the grants that an operation of a step needs.
var operationGrants = map[workflow.Operation][]Grant{
	workflow.Wait: waiting, workflow.Decide: deciding, workflow.Advance: advancing, workflow.Return: returning,
	workflow.Reserve: {UpdateItem}, workflow.Release: releasing, workflow.Unlock: {DeleteItem}, workflow.Number: {UpdateItem}, workflow.Find: {QueryTable}, workflow.LookUp: {GetItems}, workflow.Hash: {ComputeMAC}, workflow.Count: {QueryTable, UpdateItem}, workflow.Open: opening, workflow.Check: {CheckItem},
}

// variableGroups are the environment variables in each group of package workflow.
var variableGroups = map[workflow.VariableGroup][]environ.Name{workflow.BureauVariables: setup.ForRegulator, workflow.DomainVariables: setup.ForDomains}

// Functions are all functions of Beian: those of the steps, which follow from the table of package workflow, and the entry points.
var Functions = append(stepFunctions(), []Function{
	// With 1,769 MB a function has one core ("Configure Lambda function memory"), which one picture can use. Decoding takes up to 1,080 MB.
	{Name: "api", Variables: [][]environ.Name{setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForUploads, setup.ForLiveness, setup.ForCharacters, setup.ForRetention, setup.ForCancellations, setup.ForAgencies},
		Grants: union(deciding, releasing, resuming, returning,
			[]Grant{StartExecution, QueryTable, QueryMine, CheckItem, GenerateKey, AddKey, ReadObject, WriteObject, ReadUpload, WriteUpload, DeleteUpload}), Memory: 1769},
	{Name: "apidocs"},
	// It does for a large upload what the function api does otherwise, so it needs the same memory. Each upload to a form is inspected, so the number of executions is limited.
	{Name: inspectUploadFunction, Variables: [][]environ.Name{setup.ForUploads}, Grants: []Grant{ReadUpload, WriteUpload}, Memory: 1769, AtATime: 8},
	// The portal does what the API does. UpdateItem records the use of a session, DeleteItem ends it.
	{Name: "portal", Variables: [][]environ.Name{setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForUploads, setup.ForLiveness, setup.ForCharacters, setup.ForRetention, setup.ForCancellations, setup.ForAgencies, setup.ForPortal},
		Grants: union(deciding, releasing, resuming, returning,
			[]Grant{StartExecution, QueryTable, QueryMine, CheckItem, GenerateKey, AddKey, ReadObject, WriteObject, ReadUpload, WriteUpload, DeleteUpload}), Memory: 1769},
	// The reviewer starts the next round of an order whose rejection an appeal overturned. The index "mine" has the earlier orders of an account.
	{Name: "reviewer", Variables: [][]environ.Name{setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForRetention, setup.ForReview, setup.ForSender},
		Grants: union(deciding, releasing, resuming, returning, []Grant{StartExecution, QueryTable, QueryMine, QueryOpen, ReadObject}), Memory: 1769}, // marks pictures: half a second for 12 million pixels on a core
	// The operator can replay a file of the bureau that could not be decoded before: it is then stored under other keys. The operator
	// can erase an open order whose key is missing: this ends its execution. The index "mine" has what a member of staff read. An execution
	// that does not follow its order is read, stopped and started again.
	{Name: "operator", Variables: [][]environ.Name{setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForRetention, setup.ForBureauFiles, setup.ForCharacters, setup.ForTasks, setup.ForReview},
		Grants: union(deciding, releasing, resuming, returning, restarting, []Grant{StartExecution, QueryTable, QueryMine, QueryOpen, QueryDue, GenerateKey, AddKey, DeleteKey, ReadObject, WriteObject}), Memory: 1024}, // decodes files of the bureau
	// The pages for staff do what reviewers and operators do over the API, whose readings the function api answers.
	{Name: "staff", Variables: [][]environ.Name{setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForRetention, setup.ForBureauFiles, setup.ForCharacters, setup.ForTasks, setup.ForReview, setup.ForSender, setup.ForStaff},
		Grants: union(deciding, releasing, resuming, returning, restarting, []Grant{StartExecution, QueryTable, QueryMine, QueryOpen, QueryDue, GenerateKey, AddKey, DeleteKey, ReadObject, WriteObject}), Memory: 1024},
	{Name: "smsreply", Variables: [][]environ.Name{setup.ForDecisions, setup.ForSMSReply}, Grants: union(deciding, resuming, returning, []Grant{QueryTable, GenerateKey, AddKey})},
	// A bounce is counted, and that of a reminder changes what its filing owes, which is encrypted.
	{Name: mailBounceFunction, Variables: [][]environ.Name{setup.ForMailBounce}, Grants: []Grant{GetItem, PutItem, UpdateItem, QueryTable, ReadKey, UnwrapKey, ComputeMAC}},
	// Checks of access read the table, and decrypt nothing.
	{Name: "accesscheck", Variables: [][]environ.Name{setup.ForAccessChecks}, Grants: []Grant{GetItem, GetItems, QueryTable}},
	{Name: "sweeper", Variables: [][]environ.Name{setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForUploads, setup.ForMessages, setup.ForAgencies},
		Grants: []Grant{GetItem, PutItem, UpdateItem, DeleteItem, QueryTable, QueryOpen, ReadKey, UnwrapKey, ComputeMAC, DeleteKey, DeleteObject, ListObjects, DeleteUpload, ListUploads,
			StartExecution, SendSuccess, SendFailure, ReadStream, SendMail, SendSMS}, Seconds: 120},
	// An endpoint that answers 410 is disabled: PutItem stores that, and the deliveries.
	{Name: "webhooks", Variables: [][]environ.Name{setup.ForWebhooks},
		Grants: []Grant{GetItem, PutItem, DeleteItem, QueryTable, QueryDue, ReadKey, UnwrapKey, ReadStream}, Seconds: 60},
	{Name: "reminders", Variables: [][]environ.Name{setup.ForDecisions, setup.ForReview, setup.ForDomains}, Grants: union(deciding, returning, []Grant{StartExecution, UpdateItem, DeleteItem, QueryTable, QueryOpen, QueryDue}), Seconds: 900},
	{Name: "retention", Variables: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForRetention},
		Grants: union(deciding, []Grant{QueryOpen, DeleteItem, DeleteKey, DeleteObject}), Seconds: 900},
	// It reads filings and pages of strangers, and writes its own rows. Pages of 1 MB are read, several at once.
	{Name: siteWatchFunction, Variables: [][]environ.Name{setup.ForSiteWatch},
		Grants: []Grant{GetItem, PutItem, UpdateItem, DeleteItem, CheckItem, QueryTable, QueryDue, ReadKey, UnwrapKey, ComputeMAC}, Seconds: 300, Memory: 512, AtATime: 1},
	// A file of 1,000 records takes 360 MB (make bench). The open filings are listed to find those that a full copy of the bureau lacks.
	{Name: exchangeFunction, Variables: [][]environ.Name{setup.ForDecisions, setup.ForBucket, setup.ForRegulator, setup.ForTasks},
		Grants: union(deciding, releasing, resuming, []Grant{QueryTable, QueryOpen, GenerateKey, AddKey, DeleteKey, ReadObject, WriteObject}), Seconds: 300, Memory: 1024, AtATime: 1},
}...)

// inspectUploadFunction inspects large uploads when they arrive.
const inspectUploadFunction = "inspectupload"

// mailBounceFunction counts bounces of a mail relay. It is not deployed with SES, which reports them by events.
const mailBounceFunction = "mailbounce"

// exchangeFunction exchanges files with the bureau. It is not deployed for a provider without a link.
const exchangeFunction = "exchange"

// siteWatchFunction visits filed websites. It is not deployed for a provider that does not want visits.
const siteWatchFunction = "sitewatch"

// functions returns the functions of the environment.
func (s Settings) functions() []Function {
	return slices.DeleteFunc(slices.Clone(Functions), func(f Function) bool {
		return f.Name == exchangeFunction && s.Bureau.Kind == Manual || f.Name == siteWatchFunction && s.SiteWatch.Visits == sitewatch.Off || f.Name == mailBounceFunction && s.usesSES()
	})
}

// stepFunctions returns the functions of the steps in the table of package workflow.
func stepFunctions() []Function {
	var functions []Function
	for _, s := range workflow.Tasks() {
		f := Function{Name: s.Folder(), Variables: decisions}
		for _, group := range s.Variables {
			f.Variables = append(slices.Clip(f.Variables), variableGroups[group])
		}
		for _, operation := range s.Operations {
			f.Grants = union(f.Grants, operationGrants[operation])
		}
		functions = append(functions, f)
	}
	return functions
}

// CallsBureau reports whether the function calls the bureau, which may accept only addresses on its allow-list.
func (f Function) CallsBureau() bool { return f.reads(environ.BureauUpDownLoad) }

// union returns the grants of several groups, without duplicates.
func union(groups ...[]Grant) []Grant {
	var grants []Grant
	for _, g := range slices.Concat(groups...) {
		if !slices.Contains(grants, g) {
			grants = append(grants, g)
		}
	}
	return grants
}

// reads reports whether the variable is in one of the function's groups.
func (f Function) reads(name environ.Name) bool {
	return slices.ContainsFunc(f.Variables, func(group []environ.Name) bool { return slices.Contains(group, name) })
}

func (f Function) hasGrant(g Grant) bool { return slices.Contains(f.Grants, g) }
