package bureau

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/schema"
	"beian/shared/bureau/soap"
	"beian/shared/bureau/wire"
)

// uploadEntry is the name of the zip entry in every upload, as in the client used in production.
const uploadEntry = "beianinfo.xml"

// Prepare packs an upload of one operation for [Client.Send]. It returns [ErrUnsendable] for an upload that breaks the ministry's schema or
// limits or contains a character that GBK lacks; [schema.Problems] inside the error name the fields.
func (c *Client) Prepare(upload document.Upload) (wire.Parcel, error) {
	if operations := upload.Operations(); len(operations) > 1 {
		return wire.Parcel{}, fmt.Errorf("%w: several operations in one upload: %v", ErrUnsendable, operations)
	}
	content, err := upload.Marshal()
	if err != nil {
		return wire.Parcel{}, fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	parcel, err := c.codec.Encode(wire.File{Name: uploadEntry, Content: content}, c.config.Now())
	if errors.Is(err, wire.ErrTooLarge) {
		err = fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	return parcel, err
}

// Send uploads a parcel with a sequence number (isp_upload). Sending the same parcel with the same number again is safe.
func (c *Client) Send(ctx context.Context, sequence int64, parcel wire.Parcel) (Outcome, error) {
	parameters, err := c.commonParameters(UploadMethod)
	if err != nil {
		return stopOutcome(), err
	}
	r, outcome, err := c.call(ctx, UploadMethod, c.config.UpDownLoad, append(parameters,
		soap.Parameter{Name: "beianInfo", Data: parcel.Data},
		soap.Parameter{Name: "beianInfoHash", Text: parcel.Hash},
		integerParameter("dataSequence", sequence),
		integerParameter("encryptAlgorithm", int64(parcel.Encryption)),
		integerParameter("hashAlgorithm", int64(parcel.HashKind)),
		integerParameter("compressionFormat", int64(parcel.Compression))))
	if r != nil && outcome.OK() && outcome.Code != result.OK {
		outcome.Disposition = result.Settle // a code about downloads does not say whether the file was accepted
	}
	return outcome, err
}

// A Delivery is a downloaded file.
type Delivery struct {
	// Name identifies the file: acknowledge it by this name, and recognize repetitions by it.
	Name string
	// Content is the document as received. Store it before acting on it.
	Content  []byte
	Document *document.Download
	// Problems are deviations from the schema. Document has everything that could be read.
	Problems schema.Problems
	// Parcel is the file as received if it contains no readable document; otherwise it is empty.
	Parcel wire.Parcel
}

// Download fetches the oldest file that has not been acknowledged (isp_download). Without one the delivery is nil and the outcome
// is [result.NothingToDownload], [result.AllDownloaded] or, if there will be one soon, [result.MoreToDownload]. An answer with an empty
// list of files has none.
//
// The error for a file without a readable document is [ErrDamaged] or [ErrPlain], with disposition Stop, or [ErrUnreadable]. The
// delivery then has the name and the parcel to store.
func (c *Client) Download(ctx context.Context) (*Delivery, Outcome, error) {
	r, outcome, err := c.callWithoutDocument(ctx, DownloadMethod, c.config.UpDownLoad)
	if err != nil || !outcome.OK() || outcome.Code == result.NothingToDownload || r.File.empty() {
		return nil, outcome, err
	}
	d, parcel := Delivery{Name: strings.TrimSpace(r.File.Name)}, r.File.parcel()
	file, err := c.codec.Decode(parcel)
	intact := err == nil || wire.HashMatched(err)
	if err == nil {
		d.Name = cmp.Or(d.Name, file.Name)
		d.Content = file.Content
		d.Document, d.Problems, err = document.ParseDownload(file.Content)
	}
	switch {
	case err == nil:
		return &d, outcome, nil
	case intact && d.Name != "":
		return &Delivery{Name: d.Name, Parcel: parcel}, outcome, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	outcome.Disposition = result.Stop
	d = Delivery{Name: d.Name, Parcel: parcel}
	if errors.Is(err, wire.ErrPlain) {
		return &d, outcome, ErrPlain
	}
	return &d, outcome, fmt.Errorf("%w: %w", ErrDamaged, err)
}

// Ack acknowledges the file with that name (isp_downloadack). It may be repeated.
func (c *Client) Ack(ctx context.Context, name string) (Outcome, error) {
	_, outcome, err := c.callWithoutDocument(ctx, AckMethod, c.config.UpDownLoad, soap.Parameter{Name: "fileName", Text: name})
	return outcome, err
}

// Previous is the last upload that the bureau accepted.
type Previous struct {
	Sequence int64 // 0 if there was none; the next upload is Sequence+1
	// Hash is that of the parcel: if it equals the hash of a parcel sent, that parcel arrived.
	Hash string
	// Content is the document; nil if the bureau did not return a readable one, encrypted if a key is agreed. Sequence is valid in both cases.
	Content []byte
}

// QueryPrevious asks for the last accepted upload (isp_querypreviousupload).
func (c *Client) QueryPrevious(ctx context.Context) (Previous, Outcome, error) {
	r, outcome, err := c.callWithoutDocument(ctx, QueryPreviousMethod, c.config.UpDownLoad)
	if err != nil || !outcome.OK() {
		return Previous{}, outcome, err
	}
	switch {
	case r.File == nil, r.File.empty() && r.File.Sequence == 0:
		return Previous{}, outcome, nil
	case r.File.Sequence == 0:
		return Previous{}, outcomeWithoutAnswer(QueryPreviousMethod, nil), noAnswer(QueryPreviousMethod, errors.New("the answer has a file without a number"))
	}
	previous := Previous{Sequence: r.File.Sequence, Hash: strings.TrimSpace(r.File.InfoHash)}
	if file, err := c.codec.Decode(r.File.parcel()); err == nil {
		previous.Content = file.Content
	}
	return previous, outcome, nil
}

// Types of a [Query] (MIIT-IF30 5.5): DomainQuery asks for a website by its registrable domain, the others for a subject by its
// certificate. They are the certificate kinds (Zjlx) of 2013; a subject with a later kind cannot be asked for.
const (
	DomainQuery   = 0
	LastQueryType = 11
)

// A Query is a domain or a certificate to look up (queryConditionType, queryCondition).
type Query struct {
	Type  int64 // DomainQuery, or the kind of certificate
	Value string
}

// A Status is the answer to a [Query]. Site data are set for domain queries only.
type Status struct {
	Filed         bool
	SubjectNumber string
	SiteNumber    string
	SiteName      string
}

// Askable reports whether the interface has the type of the query.
func (q Query) Askable() bool { return q.Type >= DomainQuery && q.Type <= LastQueryType }

// Filed asks whether a domain or a subject is filed anywhere (isp_querybeianstatus). The query must be askable: for another one, the
// error is [ErrUnsendable] and the bureau is not called.
func (c *Client) Filed(ctx context.Context, query Query) (Status, Outcome, error) {
	if !query.Askable() {
		return Status{}, stopOutcome(), fmt.Errorf("%w: queries end with certificate kind %d", ErrUnsendable, LastQueryType)
	}
	r, outcome, err := c.callWithoutDocument(ctx, FiledMethod, c.config.BeianStatus,
		integerParameter("queryConditionType", query.Type), soap.Parameter{Name: "queryCondition", Text: query.Value})
	if err != nil || !outcome.OK() {
		return Status{}, outcome, err
	}
	if r.Status == nil {
		return Status{}, outcomeWithoutAnswer(FiledMethod, nil), noAnswer(FiledMethod, errors.New("the answer has no status"))
	}
	switch strings.TrimSpace(r.Status.Filed) {
	case "0":
		return Status{
			Filed:         true,
			SubjectNumber: strings.TrimSpace(r.Status.SubjectNumber),
			SiteNumber:    strings.TrimSpace(r.Status.SiteNumber),
			SiteName:      strings.TrimSpace(r.Status.SiteName),
		}, outcome, nil
	case "1":
		return Status{}, outcome, nil
	}
	return Status{}, outcomeWithoutAnswer(FiledMethod, nil), noAnswer(FiledMethod, errors.New("the answer's status is unknown"))
}

// VerifyPassword asks whether password is the filing password (备案密码) of a filing number (isp_verifybamm). A wrong password is
// no error. After too many checks the outcome is [result.TooManyChecks].
func (c *Client) VerifyPassword(ctx context.Context, filingNumber, password string) (bool, Outcome, error) {
	r, outcome, err := c.callWithoutDocument(ctx, VerifyPasswordMethod, c.config.VerifyPassword,
		soap.Parameter{Name: "baxh", Text: filingNumber}, soap.Parameter{Name: "bamm", Text: password})
	if err != nil || !outcome.OK() {
		return false, outcome, err
	}
	switch strings.TrimSpace(r.Verdict) {
	case "0":
		return true, outcome, nil
	case "1":
		return false, outcome, nil
	}
	return false, outcomeWithoutAnswer(VerifyPasswordMethod, nil),
		noAnswer(VerifyPasswordMethod, errors.New("the answer has no verdict"))
}

// callWithoutDocument calls a method whose signature has hashAlgorithm directly after the credentials.
func (c *Client) callWithoutDocument(ctx context.Context, m Method, endpoint string, more ...soap.Parameter) (*reply, Outcome, error) {
	parameters, err := c.commonParameters(m)
	if err != nil {
		return nil, stopOutcome(), err
	}
	parameters = append(parameters, integerParameter("hashAlgorithm", wire.MD5Hash))
	return c.call(ctx, m, endpoint, append(parameters, more...))
}
