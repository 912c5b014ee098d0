package cards

import (
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/portal"
	"beian/infra/local/apigateway"
)

// Serve serves a portal without a system behind it, on a free port of this machine: its home page and what browsers need to read papers. Files are those of
// package models.
func Serve(files fs.FS) *httptest.Server {
	p := portal.New(portal.Config{Recognition: files, Now: time.Now, Wall: time.Now, Log: slog.New(slog.DiscardHandler)})
	gateway := &apigateway.Gateway{}
	for _, key := range portal.Routes() {
		gateway.Routes = append(gateway.Routes, apigateway.Route{Key: key, Handler: lambda.NewHandler(p.Handle), Public: true})
	}
	return httptest.NewServer(gateway)
}
