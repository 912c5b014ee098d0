// Package s3 runs the S3 gateway of the laptop: versitygw in this process, with objects in files. Call [Start]:
//
//	gateway, err := s3.Start(ctx, s3.Config{Folder: folder, Buckets: []string{"evidence"}, AccessKey: key, SecretKey: secret})
//	client := awss3.New(awss3.Options{BaseEndpoint: aws.String(gateway.Endpoint()), UsePathStyle: true})
//
// The gateway verifies signatures, presigned requests and POST policies like S3.
//
// Only one gateway can run in a process. While it runs, the working directory of the process is that of the gateway, so make every
// other path absolute before Start.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/debuglogger"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
)

// Config configures a gateway.
type Config struct {
	Folder    string // holds the objects; created if missing
	Port      int    // on 127.0.0.1; 0 picks a free one
	Region    string
	AccessKey string // the root credentials
	SecretKey string
	Secret    func(accessKey string) string // returns the secret of another access key with full access, "" if unknown; may be nil
	Buckets   []string                      // created at start if missing
	Origin    string                        // the web origin that may send requests, such as http://127.0.0.1:8080; "" allows none
	// Created, if not nil, is called with each object that was stored and its size in bytes. It must be safe for concurrent use, and return at once.
	Created func(bucket, key string, size int64)
}

// A Gateway serves the S3 API with path-style addresses. It is also an [http.Handler] for use behind another listener, which must
// keep the Host header, because the signature covers it.
type Gateway struct {
	endpoint string
	client   *s3.Client // with the root credentials
	proxy    http.Handler
	cancel   context.CancelFunc
	ended    chan struct{}
	err      error
}

// Start starts the gateway, waits until it listens, and creates the buckets. It fails if a gateway already runs in this
// process or the port is in use.
func Start(ctx context.Context, c Config) (*Gateway, error) {
	store, err := openStore(c.Folder)
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	store.created = c.Created
	address, err := freeAddress(c.Port)
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	target := &url.URL{Scheme: "http", Host: address}
	running, cancel := context.WithCancel(context.Background())
	client := s3.New(s3.Options{
		Region: c.Region, BaseEndpoint: aws.String(target.String()), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, ""),
	})
	g := &Gateway{endpoint: target.String(), client: client, cancel: cancel, ended: make(chan struct{}),
		proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		}, ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() != nil || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
				w.WriteHeader(http.StatusBadRequest) // the client broke off, or is too slow
				return
			}
			w.WriteHeader(http.StatusBadGateway)
		}},
	}
	listening := make(chan struct{})
	go func() {
		defer close(g.ended)
		g.err = embedgw.RunVersityGW(running, store, &embedgw.Config{
			RootUserAccess: c.AccessKey, RootUserSecret: c.SecretKey, Region: c.Region,
			Ports: []string{address}, MaxConnections: 1024, MaxRequests: 512, MultipartMaxParts: 10000,
			CORSAllowOrigin: c.Origin, IAMService: accounts{auth.NewIAMServiceSingle(auth.Account{}), c.Secret},
			LogLevel: debuglogger.LevelSilent, Quiet: true, KeepAlive: true, DisableACLs: true,
			S3Options: []s3api.Option{s3api.WithOnListen(func() { close(listening) })},
		})
	}()
	select {
	case <-listening:
	case <-g.ended:
		cancel()
		return nil, fmt.Errorf("s3: %w", g.err)
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), g.Close())
	}
	if err := g.createBuckets(ctx, c); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// accounts are the access keys other than root's.
type accounts struct {
	auth.IAMService
	secret func(accessKey string) string
}

func (a accounts) GetUserAccount(access string) (auth.Account, error) {
	if a.secret != nil {
		if secret := a.secret(access); secret != "" {
			return auth.Account{Access: access, Secret: secret, Role: auth.RoleAdmin}, nil
		}
	}
	return auth.Account{}, auth.ErrNoSuchUser
}

// openStore opens the folder. It keeps metadata in extended attributes, which change together with the file, or in separate
// files if the file system has no extended attributes.
func openStore(folder string) (store, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return store{}, err
	}
	files := filepath.Join(absolute, "files")
	if err := os.MkdirAll(files, 0o700); err != nil {
		return store{}, err
	}
	options := posix.PosixOpts{ValidateBucketNames: true, CopyObjectThreshold: 5 << 30}
	options.SetNewDirPerm(0o700)
	options.SetNewFilePerm(0o600)
	attributes := meta.XattrMeta{}
	if attributes.Test(files) == nil {
		objects, err := posix.New(files, attributes, options)
		return store{Posix: objects, folder: files}, err
	}
	options.SideCarDir = filepath.Join(absolute, "metadata")
	if err := os.MkdirAll(options.SideCarDir, 0o700); err != nil {
		return store{}, err
	}
	sidecar, err := meta.NewSideCar(options.SideCarDir)
	if err != nil {
		return store{}, err
	}
	objects, err := posix.New(files, sidecar, options)
	return store{Posix: objects, folder: files}, err
}

// freeAddress returns the address to listen on, after checking that it is free.
func freeAddress(port int) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (g *Gateway) createBuckets(ctx context.Context, c Config) error {
	for _, bucket := range c.Buckets {
		_, err := g.client.CreateBucket(ctx, &s3.CreateBucketInput{
			Bucket: aws.String(bucket), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(c.Region)},
		})
		if owned := (*types.BucketAlreadyOwnedByYou)(nil); err != nil && !errors.As(err, &owned) {
			return fmt.Errorf("s3: bucket %s: %w", bucket, err)
		}
	}
	return nil
}

// DeleteBefore deletes the objects of a bucket that were written before a time, as a lifecycle rule does on AWS. versitygw stores such
// rules but does not apply them.
func (g *Gateway) DeleteBefore(ctx context.Context, bucket string, before time.Time) error {
	pages := s3.NewListObjectsV2Paginator(g.client, &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("s3: bucket %s: %w", bucket, err)
		}
		for _, o := range page.Contents {
			if !o.LastModified.Before(before) {
				continue
			}
			if _, err := g.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: o.Key}); err != nil {
				return fmt.Errorf("s3: bucket %s: %w", bucket, err)
			}
		}
	}
	return nil
}

// Endpoint is the base URL for S3 clients.
func (g *Gateway) Endpoint() string { return g.endpoint }

// ServeHTTP passes the request to the gateway. Like S3, it refuses a body without a length, and a form that is malformed or has more fields
// than an upload needs.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength < 0 {
		w.WriteHeader(http.StatusLengthRequired)
		return
	}
	if isForm(r) && !hasReadableForm(r) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, "<Error><Code>MalformedPOSTRequest</Code><Message>The form is malformed, or too large before its file.</Message></Error>")
		return
	}
	g.proxy.ServeHTTP(w, r)
}

// Close stops the gateway and waits until it has ended. Later calls do nothing.
func (g *Gateway) Close() error {
	g.cancel()
	<-g.ended
	return g.err
}
