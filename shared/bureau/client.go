// Package bureau is a client of a provincial communications bureau (通信管理局) for the ministry's enterprise-system interface V3.0
// (MIIT-IF30): SOAP calls that carry zipped and encrypted XML documents. Start with [New]; the six methods of the interface are methods of
// [Client].
//
//	parcel, err := client.Prepare(upload) // once; store it, the bureau may request it again for three months
//	outcome, err := client.Send(ctx, sequence, parcel)
//	switch outcome.Disposition {
//	case result.Done:         // the sequence number is used
//	case result.RetryLater:   // send the same parcel with the same sequence number later
//	case result.Settle:       // call client.QueryPrevious: Sequence and Hash show whether this parcel arrived
//	case result.FixAndResend: // the bureau will never accept this parcel
//	case result.Stop:         // an operator must act
//	}
//
// Uploads are numbered without gaps, and the answer to an upload says only that the file was accepted. The results of its
// records come later in files to download: verify and store each, act on it, then acknowledge it; until then the bureau
// sends the same file again.
//
// The other packages: document (the documents as Go types), schema (their XML), wire (zip, hash, encryption), soap and markup
// (transport), result (the bureau's codes), simulator (a bureau for tests).
package bureau

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
)

// Paths of the services on a bureau's host (MIIT-IF30 2.1).
const (
	UpDownLoadPath     = "/ISPWebService/upDownLoad"
	BeianStatusPath    = "/BeianStatusWebService/queryBeianStatus"
	VerifyPasswordPath = "/BeianStatusWebService/verifyBamm"
)

// A Method is a method of the interface.
type Method string

// The six methods.
const (
	UploadMethod         Method = "isp_upload"
	DownloadMethod       Method = "isp_download"
	AckMethod            Method = "isp_downloadack"
	QueryPreviousMethod  Method = "isp_querypreviousupload"
	FiledMethod          Method = "isp_querybeianstatus"
	VerifyPasswordMethod Method = "isp_verifybamm"
)

// Defaults of a [Config].
const (
	DefaultTimeout     = 60 * time.Second
	DefaultMaxResponse = 128 << 20
)

// A Config has the credentials that a bureau issued to the provider, and the bureau's addresses.
type Config struct {
	// URLs of the services, which may be on different hosts.
	UpDownLoad, BeianStatus, VerifyPassword string

	ProviderID     int64 // ispId
	User, Password string
	Key, IV        string // AES; 16 characters each
	// Plain sends documents without encryption, for bureaus that require it.
	Plain bool
	// AcceptPlain accepts files that the bureau sends without encryption. Without it they are refused with [ErrPlain], unless Plain is set.
	AcceptPlain bool

	// Stored leaves uploads uncompressed inside their zip: a third more bytes, but less than half of the computing on both sides,
	// because images do not compress.
	Stored bool

	// IDElement overrides the name of the parameter with the provider's id, which is "ispID", and "ispId" for
	// isp_querypreviousupload.
	IDElement map[Method]string

	// Timeout of a call; 0 means DefaultTimeout.
	Timeout time.Duration
	// MaxResponse is the largest answer read, in bytes; 0 means DefaultMaxResponse.
	MaxResponse int64
	// MaxDocument is the largest document inflated, in bytes; 0 means wire.MaxDocument.
	MaxDocument int64

	// Now is the clock for the entry in an upload's zip.
	Now func() time.Time
	// Transport sends the calls; nil means a new http.Transport.
	Transport http.RoundTripper
	// Random is the source of randVal; nil means crypto/rand.
	Random io.Reader
}

// A Client calls one bureau for one provider. It is safe for concurrent use, but uploads must be sent one after another.
type Client struct {
	config Config
	codec  wire.Codec
	http   *http.Client
}

// New returns a client, or an error that names every invalid field.
func New(config Config) (*Client, error) {
	var wrong []error
	for _, endpoint := range []struct{ name, text string }{
		{"UpDownLoad", config.UpDownLoad}, {"BeianStatus", config.BeianStatus}, {"VerifyPassword", config.VerifyPassword},
	} {
		u, err := url.Parse(endpoint.text)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			wrong = append(wrong, fmt.Errorf("%s is not an http or https URL", endpoint.name))
		}
	}
	if config.ProviderID <= 0 {
		wrong = append(wrong, errors.New("config.ProviderID must be positive"))
	}
	if config.User == "" || config.Password == "" {
		wrong = append(wrong, errors.New("config.User and config.Password must be given"))
	}
	if config.Now == nil {
		wrong = append(wrong, errors.New("config.Now must be given"))
	}
	codec := wire.Codec{
		Key: config.Key, IV: config.IV, Encryption: wire.AESEncryption, AcceptPlain: config.AcceptPlain, Limit: config.MaxDocument, Stored: config.Stored,
	}
	if config.Plain {
		codec.Encryption = wire.PlainEncryption
	}
	if err := codec.Check(); err != nil {
		wrong = append(wrong, err)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("bureau: %w", errors.Join(wrong...))
	}
	if config.Timeout <= 0 {
		config.Timeout = DefaultTimeout
	}
	if config.MaxResponse <= 0 {
		config.MaxResponse = DefaultMaxResponse
	}
	if config.Random == nil {
		config.Random = rand.Reader
	}
	if config.Transport == nil {
		config.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2, IdleConnTimeout: 90 * time.Second,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		}
	}
	return &Client{config: config, codec: codec, http: &http.Client{
		Transport: config.Transport,
		Timeout:   config.Timeout,
		// A redirect would send personal data to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Errors of a [Client]. Only [ErrNoAnswer] is transient; any other error repeats if the call is made again.
var (
	// ErrNoAnswer means that the bureau gave no usable answer: unreachable, down, or not SOAP. Call again later; the
	// [Outcome] says whether an upload must be settled first.
	ErrNoAnswer = errors.New("the bureau did not answer")
	// ErrUnsendable means that the interface cannot carry the upload. Change the upload.
	ErrUnsendable = errors.New("the upload cannot be sent to the bureau")
	// ErrDamaged means that a downloaded file does not match its hash. It must not be acknowledged (MIIT-IF30 4.4); the
	// bureau sends no other file until the operator has settled it with the bureau.
	ErrDamaged = errors.New("the bureau's file is damaged")
	// ErrPlain means that a downloaded file is not encrypted, although a key is agreed, so that it may not be the bureau's. It must not be
	// acknowledged: the bureau then still offers the file that it wrote.
	ErrPlain = errors.New("the bureau's file is not encrypted, although a key is agreed")
	// ErrUnreadable means that a downloaded file matches its hash but contains no document. Store it, then acknowledge it.
	ErrUnreadable = errors.New("the bureau's file holds no readable document")
)

// An Outcome is the result of a call. It is set even if there is an error: without an answer its code is [result.Unknown].
type Outcome struct {
	Code        result.Message
	Disposition result.Disposition
	// Missing are the sequence numbers that the bureau reports missing, with [result.SequenceGap].
	Missing []int64
	// Text is the bureau's message, cut to 500 characters; for the operator only.
	Text string
}

// OK reports whether the call succeeded.
func (o Outcome) OK() bool { return o.Disposition == result.Done }
