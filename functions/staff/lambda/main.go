// Command lambda runs the function staff on AWS.
package main

import (
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/api"
	"beian/functions/operator"
	"beian/functions/reviewer"
	"beian/functions/staff"
	"beian/shared/process/session"
	"beian/shared/rules/finding"
	"beian/shared/rules/pack"
	"beian/shared/setup"
	"beian/shared/setup/environ"
	"beian/shared/setup/sender"
	"beian/shared/web"
	"beian/shared/web/pages"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForRetention, setup.ForBureauFiles, setup.ForCharacters, setup.ForTasks, setup.ForReview, setup.ForSender, setup.ForStaff)
	config := web.Config{Decisions: p.Decisions(), Wall: p.Wall, People: p.People(), Limits: setup.Must(p.Limits()), Retention: setup.Must(p.Retention())}
	lambda.Start(staff.New(staff.Config{
		API:      api.New(api.Config{Config: config, Store: p.Store(), Objects: p.Objects()}), // only what staff read
		Reviewer: reviewer.New(reviewer.Config{Config: config, Store: p.Store(), Objects: p.Objects(), Promise: setup.Must(p.ReviewPromise()), Sender: sender.New(p), SecondReadings: setup.Must(p.SecondReadings())}),
		Operator: operator.New(operator.Config{Config: config, Store: p.Store(), Bureau: setup.Must(p.Operator()), Late: setup.Must(p.Late()), Rules: sync.OnceValues(pack.Load), Objects: p.Objects(), Webhooks: p.Subscriptions(), Duties: p.Duties()}),
		Sessions: session.Sessions{Store: p.Store(), Now: p.Wall, Site: "staff"},
		Issuer:   pages.Issuer{URL: p.Env[environ.IssuerURL], ClientID: p.Env[environ.IssuerClient], Pages: p.Env[environ.IssuerPages]},
		Origin:   strings.TrimSuffix(p.Env[environ.StaffURL], "/"),
		Provider: finding.Words{Chinese: p.Env[environ.ProviderNameChinese], English: p.Env[environ.ProviderNameEnglish]}, SupportPhone: p.Env[environ.SupportPhone],
		Now: p.Now, Wall: p.Wall, Log: p.Log,
	}).Handle)
}
