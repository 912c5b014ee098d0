// Package regulator talks to a provincial communications bureau (通信管理局) over the ministry's enterprise-system
// interface V3.0 (MIIT-IF30): SOAP calls that carry sealed XML documents. A [Client] has the six methods.
//
// An upload is numbered, without gaps, and its answer says only that the file was taken. What becomes of its records
// comes later, as files to download: verify and store each, act on it, then acknowledge it; until then the bureau
// hands out the same file again.
//
//	parcel, err := client.Prepare(upload)            // once; keep it, the bureau may ask again for three months
//	outcome, err := client.Send(ctx, sequence, parcel)
//	switch outcome.Disposition {
//	case result.Done:         // sequence is used up
//	case result.RetryLater:   // send the same parcel with the same sequence
//	case result.Settle:       // ask client.QueryPrevious: its Sequence and Hash tell whether this parcel arrived
//	case result.FixAndResend: // the parcel can never go through as it is
//	case result.Stop:         // tell the operator
//	}
//
// Below it: package document (what is said), schema (how documents are declared), wire (how they are sealed), soap and
// markup (how they travel), result (what the bureau's codes mean), and bureausim (a bureau to talk to).
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

// Paths of the services on a bureau's host (MIIT-IF30, 2.1).
const (
	UpDownLoadPath     = "/ISPWebService/upDownLoad"
	BeianStatusPath    = "/BeianStatusWebService/queryBeianStatus"
	VerifyPasswordPath = "/BeianStatusWebService/verifyBamm"
)

// A Method is one of the interface.
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

// A Config is what a bureau issued to the provider, and where it listens.
type Config struct {
	// Endpoints, each a URL. Bureaus have them on different hosts, so all three are given.
	UpDownLoad, BeianStatus, VerifyPassword string

	ProviderID     int64 // ispId
	User, Password string
	Key, IV        string // AES; 16 characters each
	// Plain sends documents without encryption, where a bureau wants it so.
	Plain bool

	// Stored leaves uploads uncompressed inside their zip. Images do not compress, so this saves more than half of the
	// computing on either side, for a third more bytes on the way.
	Stored bool

	// IDElement names the parameter with the provider's id where a bureau differs from the custom, which is "ispID",
	// and "ispId" for isp_querypreviousupload.
	IDElement map[Method]string

	// Timeout of a whole call; 0 means DefaultTimeout.
	Timeout time.Duration
	// MaxResponse is the largest answer read, in bytes; 0 means DefaultMaxResponse.
	MaxResponse int64
	// MaxDocument is the largest document inflated, in bytes; 0 means wire.MaxDocument.
	MaxDocument int64

	// Now is the clock; it dates the entry in an upload's zip.
	Now func() time.Time
	// Transport carries the calls; nil means one of the client's own.
	Transport http.RoundTripper
	// Random is the source of randVal; nil means the system's.
	Random io.Reader
}

// A Client calls one bureau for one provider. It is safe for concurrent use, though uploads have to follow one another.
type Client struct {
	config Config
	codec  wire.Codec
	http   *http.Client
}

// New returns a client, or says what is wrong with the configuration.
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
		wrong = append(wrong, errors.New("ProviderID must be positive"))
	}
	if config.User == "" || config.Password == "" {
		wrong = append(wrong, errors.New("User and Password must be given"))
	}
	if config.Now == nil {
		wrong = append(wrong, errors.New("Now must be given"))
	}
	codec := wire.Codec{
		Key: config.Key, IV: config.IV, Encryption: wire.AESEncryption, Limit: config.MaxDocument, Stored: config.Stored,
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
		// A filing must not wander off to whoever a redirect names.
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
	// ErrDamaged means that a downloaded file does not match its hash. It must not be acknowledged (MIIT-IF30, 4.4); the
	// bureau sends no other file until the operator has settled it with the bureau.
	ErrDamaged = errors.New("the bureau's file is damaged")
	// ErrUnreadable means that a downloaded file matches its hash but contains no document. Store it, then acknowledge it.
	ErrUnreadable = errors.New("the bureau's file holds no readable document")
)

// An Outcome is what a call came to. It is set also when there is an error: a call that got no answer has the code
// [result.Unknown].
type Outcome struct {
	Code        result.Message
	Disposition result.Disposition
	// Missing are the sequence numbers that the bureau lacks, with [result.SequenceGap].
	Missing []int64
	// Text is the bureau's own, cut to 500 characters; for the operator only.
	Text string
}

// OK reports whether the call did what it is for.
func (o Outcome) OK() bool { return o.Disposition == result.Done }
