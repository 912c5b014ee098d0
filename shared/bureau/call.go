package bureau

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"beian/shared/bureau/result"
	"beian/shared/bureau/schema"
	"beian/shared/bureau/soap"
	"beian/shared/bureau/wire"
)

// reply is the return document of every method (MIIT-IF30 7). It is not checked against
// the ministry's schema, which describes it wrongly.
type reply struct {
	Code    string      `wire:"msg_code S"`
	Message string      `wire:"msg? S"`
	Missing []string    `wire:"dataSequences?/dataSequence+ S"`
	File    *fileInfo   `wire:"fileInfos?"`
	Status  *statusInfo `wire:"StatusInfo?"`
	Verdict string      `wire:"VerifyRes? S"`
}

type fileInfo struct {
	Hash        int64  `wire:"hashAlgorithm L[0..]"`
	Compression int64  `wire:"compressionFormat L[0..]"`
	Encryption  int64  `wire:"encryptAlgorithm L[0..]"`
	Sequence    int64  `wire:"dataSequence? L[0..]"`
	Name        string `wire:"return_FileName S"`
	Info        []byte `wire:"beianInfo B"`
	InfoHash    string `wire:"beianInfoHash S"`
}

// empty reports whether there is no file. Bureaus without one send no list of files, or an empty one.
func (f *fileInfo) empty() bool {
	return f == nil || len(f.Info) == 0 && strings.TrimSpace(f.Name) == ""
}

func (f *fileInfo) parcel() wire.Parcel {
	return wire.Parcel{
		Data: f.Info, Hash: f.InfoHash,
		Encryption: int(f.Encryption), HashKind: int(f.Hash), Compression: int(f.Compression),
	}
}

type statusInfo struct {
	SiteName      string `wire:"Wzmc? S"`
	SubjectNumber string `wire:"Ztbah? S"`
	SiteNumber    string `wire:"Wzbah? S"`
	Filed         string `wire:"Bazt S"`
}

const maxText = 500

// call sends one SOAP request and parses the reply. The parameters must have the order of the method's signature.
func (c *Client) call(ctx context.Context, m Method, endpoint string, parameters []soap.Parameter) (*reply, Outcome, error) {
	body, length := soap.Call(string(m), parameters...)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, body)
	if err != nil {
		return nil, stopOutcome(), err
	}
	request.ContentLength = length
	request.Header.Set("Content-Type", soap.ContentType)
	request.Header.Set("SOAPAction", `""`)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, outcomeWithoutAnswer(m, err), noAnswer(m, err)
	}
	defer response.Body.Close()
	text, err := c.readBody(response)
	if err != nil {
		return nil, outcomeWithoutAnswer(m, err), noAnswer(m, err)
	}
	inner, err := soap.ParseAnswer(text, string(m))
	if err != nil {
		return nil, outcomeWithoutAnswer(m, err), noAnswer(m, err)
	}
	var r reply
	if _, err := schema.DecodeUTF8(inner, "return", &r); err != nil {
		return nil, outcomeWithoutAnswer(m, err), noAnswer(m, err)
	}
	outcome, err := outcomeOf(&r)
	if err != nil {
		return nil, outcomeWithoutAnswer(m, err), noAnswer(m, err)
	}
	return &r, outcome, nil
}

var errTooLong = errors.New("the answer is too long")

func (c *Client) readBody(response *http.Response) ([]byte, error) {
	// SOAP reports a fault in the body with status 500. Other bodies are refused when they are parsed.
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusInternalServerError {
		return nil, fmt.Errorf("HTTP status %d", response.StatusCode)
	}
	if response.ContentLength > c.config.MaxResponse {
		return nil, errTooLong
	}
	text, err := soap.ReadBody(io.LimitReader(response.Body, c.config.MaxResponse+1), response.ContentLength)
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > c.config.MaxResponse {
		return nil, errTooLong
	}
	return text, nil
}

func outcomeOf(r *reply) (Outcome, error) {
	code, err := strconv.ParseUint(strings.TrimSpace(r.Code), 10, 16)
	if err != nil {
		return Outcome{}, errors.New("the answer has no msg_code")
	}
	outcome := Outcome{Code: result.Message(code), Text: truncate(strings.TrimSpace(r.Message))}
	outcome.Disposition = outcome.Code.Disposition()
	for _, number := range r.Missing {
		if n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64); err == nil {
			outcome.Missing = append(outcome.Missing, n)
		}
	}
	return outcome, nil
}

func truncate(text string) string {
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText])
	}
	return text
}

func stopOutcome() Outcome { return Outcome{Code: result.Unknown, Disposition: result.Stop} }

// outcomeWithoutAnswer returns the outcome of a call that got no answer. An upload must be settled, because it may have arrived,
// unless no connection was made. Other methods can be called again.
func outcomeWithoutAnswer(m Method, err error) Outcome {
	outcome := Outcome{Code: result.Unknown, Disposition: result.RetryLater}
	if dial, is := errors.AsType[*net.OpError](err); m == UploadMethod && !(is && dial.Op == "dial") {
		outcome.Disposition = result.Settle
	}
	return outcome
}

func noAnswer(m Method, cause error) error { return fmt.Errorf("%s: %w: %w", m, ErrNoAnswer, cause) }

// commonParameters are the first parameters of every signature.
func (c *Client) commonParameters(m Method) ([]soap.Parameter, error) {
	randVal, err := wire.RandVal(c.config.Random)
	if err != nil {
		return nil, err
	}
	hash, err := wire.PasswordHash(c.config.Password, randVal)
	if err != nil {
		return nil, err
	}
	return []soap.Parameter{
		{Name: c.idElement(m), Text: strconv.FormatInt(c.config.ProviderID, 10)},
		{Name: "userName", Text: c.config.User},
		{Name: "randVal", Text: randVal},
		{Name: "pwdHash", Text: hash},
	}, nil
}

func (c *Client) idElement(m Method) string {
	if name, given := c.config.IDElement[m]; given {
		return name
	}
	if m == QueryPreviousMethod {
		return "ispId"
	}
	return "ispID"
}

func integerParameter(name string, value int64) soap.Parameter {
	return soap.Parameter{Name: name, Text: strconv.FormatInt(value, 10)}
}
