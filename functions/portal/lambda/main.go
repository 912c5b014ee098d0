// Command lambda runs the function portal on AWS.
package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/api"
	"beian/functions/portal"
	"beian/shared/process/session"
	"beian/shared/rules/finding"
	"beian/shared/setup"
	"beian/shared/setup/environ"
	"beian/shared/web"
	"beian/shared/web/pages"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForUploads, setup.ForLiveness, setup.ForCharacters, setup.ForRetention, setup.ForCancellations, setup.ForAgencies, setup.ForPortal)
	operations := api.New(api.Config{
		Config: web.Config{Decisions: p.Decisions(), Wall: p.Wall, People: p.People(), Limits: setup.Must(p.Limits()), Retention: setup.Must(p.Retention()), Agencies: setup.Must(p.Agencies())}, Store: p.Store(), Uploads: p.Uploads(), Objects: p.Objects(),
		Liveness: setup.Must(p.Liveness()), Draw: setup.RandomSMSCode, Hours: p.SendingHours(), NewID: setup.NewID, Duties: p.Duties(), Characters: p.Characters(), OnlyAccess: setup.Must(p.OnlyAccess()),
	})
	lambda.Start(portal.New(portal.Config{
		API: operations, Sessions: session.Sessions{Store: p.Store(), Now: p.Wall}, Issuer: pages.Issuer{URL: p.Env[environ.IssuerURL], ClientID: p.Env[environ.IssuerClient], Pages: p.Env[environ.IssuerPages]},
		Origin: strings.TrimSuffix(p.Env[environ.PortalURL], "/"), Uploads: setup.Must(p.Uploads().Origin(context.Background())),
		Provider: finding.Words{Chinese: p.Env[environ.ProviderNameChinese], English: p.Env[environ.ProviderNameEnglish]}, SupportPhone: p.Env[environ.SupportPhone], PaperAddress: p.Env[environ.PaperAddress],
		PCUploads: p.Env[environ.PCUploads] == "true", Simulated: p.Env[environ.LivenessEndpoint] == "",
		Recognition: os.DirFS(filepath.Join(filepath.Dir(setup.Must(os.Executable())), "recognition")),
		Now:         p.Now, Wall: p.Wall, Log: p.Log,
	}).Handle)
}
