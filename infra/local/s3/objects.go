// Package objects runs the S3 gateway that keeps evidence on the laptop: versitygw in this process, files in a folder.
//
// It checks signatures, presigned requests and POST policies as S3 does. Two things follow from how it is built:
// only one gateway runs per process, and while it runs the process's working folder is the gateway's. So every other
// path of the process must be absolute before [Start] is called.
package s3

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

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

// Config says where the objects are and who may reach them.
type Config struct {
	Folder    string // holds the objects; made when missing
	Port      int    // on 127.0.0.1; 0 picks a free one
	Region    string // "" is us-east-1
	AccessKey string // the root credentials
	SecretKey string
	// Secret returns the secret of another access key that may do all that root may; "" refuses it. It is called at each
	// request. nil knows none.
	Secret func(accessKey string) string
	// Token returns the session token that has to come with another access key; "" or nil is none.
	Token   func(accessKey string) string
	Buckets []string // made at start when missing
	Origin  string   // the web page that may send across origins, such as http://127.0.0.1:8080; "" allows none
}

// A Gateway answers the S3 API, path-style. As an [http.Handler] it serves the same behind another listener: the
// signature covers the host that the client named, which is passed on as it is.
type Gateway struct {
	endpoint string
	proxy    http.Handler
	cancel   context.CancelFunc
	ended    chan struct{}
	err      error
}

// Start starts the gateway, waits until it listens, and makes the buckets. It fails when a gateway already runs in
// this process or when the port is taken.
func Start(ctx context.Context, c Config) (*Gateway, error) {
	store, err := open(c.Folder)
	if err != nil {
		return nil, fmt.Errorf("objects: %w", err)
	}
	address, err := choose(c.Port)
	if err != nil {
		return nil, fmt.Errorf("objects: %w", err)
	}
	listening := make(chan struct{})
	own, cancel := context.WithCancel(context.Background())
	target := &url.URL{Scheme: "http", Host: address}
	g := &Gateway{
		endpoint: target.String(),
		proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		}},
		cancel: cancel,
		ended:  make(chan struct{}),
	}
	go func() {
		defer close(g.ended)
		g.err = embedgw.RunVersityGW(own, store, &embedgw.Config{
			RootUserAccess: c.AccessKey, RootUserSecret: c.SecretKey, Region: c.Region,
			Ports: []string{address}, MaxConnections: 1024, MaxRequests: 512, MultipartMaxParts: 10000,
			CORSAllowOrigin: c.Origin, IAMService: accounts{auth.NewIAMServiceSingle(auth.Account{}), c},
			LogLevel: debuglogger.LevelSilent, Quiet: true, KeepAlive: true, DisableACLs: true,
			S3Options: []s3api.Option{s3api.WithOnListen(func() { close(listening) })},
		})
	}()
	select {
	case <-listening:
	case <-g.ended:
		cancel()
		return nil, fmt.Errorf("objects: %w", g.err)
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), g.Close())
	}
	if err := g.makeBuckets(ctx, c); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// accounts are the access keys beside root's, which the gateway knows by itself.
type accounts struct {
	auth.IAMService
	config Config
}

func (a accounts) GetUserAccount(access string) (auth.Account, error) {
	if a.config.Secret != nil {
		if secret := a.config.Secret(access); secret != "" {
			return auth.Account{Access: access, Secret: secret, Role: auth.RoleAdmin}, nil
		}
	}
	return auth.Account{}, auth.ErrNoSuchUser
}

// DeriveSigningKey derives the key of a signature version 4. The gateway takes session tokens from nothing else.
func (a accounts) DeriveSigningKey(access, token, date, region, service string) ([]byte, auth.Account, error) {
	account, err := a.GetUserAccount(access)
	if err != nil {
		return nil, auth.Account{}, err
	}
	wanted := ""
	if a.config.Token != nil {
		wanted = a.config.Token(access)
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(wanted)) != 1 {
		return nil, auth.Account{}, auth.ErrInvalidSessionToken
	}
	key := []byte("AWS4" + account.Secret)
	for _, part := range []string{date, region, service, "aws4_request"} {
		sum := hmac.New(sha256.New, key)
		sum.Write([]byte(part))
		key = sum.Sum(nil)
	}
	account.Secret = ""
	return key, account, nil
}

// open makes the store. Metadata is kept in extended attributes where the file system has them, for those change
// together with the file; else in files beside.
func open(folder string) (*posix.Posix, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	files, beside := filepath.Join(absolute, "files"), filepath.Join(absolute, "metadata")
	if err := os.MkdirAll(files, 0o700); err != nil {
		return nil, err
	}
	options := posix.PosixOpts{ValidateBucketNames: true, CopyObjectThreshold: 5 << 30}
	options.SetNewDirPerm(0o700)
	options.SetNewFilePerm(0o600)
	attributes := meta.XattrMeta{}
	if attributes.Test(files) == nil {
		return posix.New(files, attributes, options)
	}
	if err := os.MkdirAll(beside, 0o700); err != nil {
		return nil, err
	}
	sidecar, err := meta.NewSideCar(beside)
	if err != nil {
		return nil, err
	}
	options.SideCarDir = beside
	return posix.New(files, sidecar, options)
}

// choose returns the address to listen on, having seen that it is free.
func choose(port int) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (g *Gateway) makeBuckets(ctx context.Context, c Config) error {
	client := s3.New(s3.Options{
		Region: c.Region, BaseEndpoint: aws.String(g.endpoint), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, ""),
	})
	for _, bucket := range c.Buckets {
		_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{
			Bucket: aws.String(bucket),
			CreateBucketConfiguration: &types.CreateBucketConfiguration{
				LocationConstraint: types.BucketLocationConstraint(c.Region)},
		})
		if owned := (*types.BucketAlreadyOwnedByYou)(nil); err != nil && !errors.As(err, &owned) {
			return fmt.Errorf("objects: bucket %s: %w", bucket, err)
		}
	}
	return nil
}

// Endpoint is the base URL for S3 clients, which must use path-style addresses.
func (g *Gateway) Endpoint() string { return g.endpoint }

// ServeHTTP passes the request to the gateway.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.proxy.ServeHTTP(w, r) }

// Done is closed when the gateway has ended.
func (g *Gateway) Done() <-chan struct{} { return g.ended }

// Close stops the gateway and waits for its end. It may be called again.
func (g *Gateway) Close() error {
	g.cancel()
	<-g.ended
	return g.err
}
