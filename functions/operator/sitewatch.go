package operator

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"

	"beian/shared/filing/register"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/fault"
	"beian/shared/web"
)

// WatchedSites are the watched hosts of a filing.
type WatchedSites struct {
	Items []web.WatchedSite `json:"items" nullable:"false" doc:"by host"`
}

// A WatchHistory is the signed history of a host. The file is complete: it is verified with the public key alone.
type WatchHistory struct {
	sitewatch.History
}

// A WatchKey is the key with which histories are verified.
type WatchKey struct {
	Algorithm string `json:"algorithm" enum:"Ed25519"`
	PublicKey string `json:"publicKey" doc:"in base64"`
}

// A WatchedFiling names a filing.
type WatchedFiling struct {
	Filing register.ID `path:"filing" maxLength:"26" pattern:"^[0-9A-Z]+$" doc:"id of the filing"`
}

type watchedHost struct {
	WatchedFiling
	Host string `path:"host" maxLength:"253" pattern:"^[a-z0-9.-]+$" doc:"domain in ASCII form"`
}

type (
	watchedSitesOutput struct{ Body WatchedSites }
	watchHistoryOutput struct{ Body WatchHistory }
	watchKeyOutput     struct{ Body WatchKey }
)

// registerSiteWatch registers the operations on the watch over filed websites.
func (a operations) registerSiteWatch() {
	const tag = "SiteWatch"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /site-watch/{filing}", Tag: tag,
		Summary:     "List the watched websites of a filing, with what is wrong with them",
		Description: "Each filed domain is visited once a day. A finding closes by itself when a visit does not find it any more."},
		func(ctx context.Context, _ *web.Call, in *WatchedFiling) (*watchedSitesOutput, error) {
			watches, err := a.config.Store.Watches(ctx, in.Filing)
			if err != nil {
				return nil, err
			}
			return &watchedSitesOutput{WatchedSites{web.WatchedSitesOf(watches)}}, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /site-watch/{filing}/{host}/history", Tag: tag,
		Summary:     "Export the history of a watched website as one file: each change of its findings, dated, signed and chained",
		Description: "Anybody verifies the file with the public key of GET /site-watch-key: make verify-watch FILE=… KEY=…. It names no person. 404 means that the host was never watched for the filing."},
		func(ctx context.Context, _ *web.Call, in *watchedHost) (*watchHistoryOutput, error) {
			entries, err := a.config.Store.WatchHistory(ctx, sitewatch.Key{Filing: in.Filing, Host: in.Host})
			if err == nil && len(entries) == 0 {
				err = fault.New(fault.NotFound, "没有这个域名的监测记录。", "The host has no history in this filing.")
			}
			return &watchHistoryOutput{Body: WatchHistory{sitewatch.NewHistory(entries)}}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /site-watch-key", Tag: tag,
		Summary:     "Read the public key with which histories of websites are verified",
		Description: "Publish it where others trust it, for example on your website. It stays the same as long as the key of the look-ups does."},
		func(ctx context.Context, _ *web.Call, _ *struct{}) (*watchKeyOutput, error) {
			key, err := a.config.Objects.Encrypter.SigningKey(ctx, sitewatch.SigningPurpose)
			if err != nil {
				return nil, err
			}
			public, _ := key.Public().(ed25519.PublicKey) // it is one
			return &watchKeyOutput{Body: WatchKey{Algorithm: "Ed25519", PublicKey: base64.StdEncoding.EncodeToString(public)}}, nil
		})
}
