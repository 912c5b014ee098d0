// Package bucket stores objects in S3. There are two buckets: one for uploads, and one for accepted evidence and the bureau's
// files, whose objects are encrypted under the keys of the filings (envelope.Objects).
//
//	form, err := uploads.PresignUpload(ctx, key, "image/jpeg") // the browser uploads with the form
//	data, err := uploads.Read(ctx, key)                        // the uploaded file
//
// The server chooses the key: orders/<order>/<slot>/<ulid>. So two uploads for one slot never overwrite each other, and no key
// contains data of the applicant. The form is for one key, one content type and a maximum size, and is valid for ten minutes.
// During that time a browser may upload another file to the same key. The content that was read when the upload was accepted is
// the evidence; it is stored in the bucket of evidence, to which no form can write, under a key with its digest (evidence.Object).
//
// S3 encrypts at rest by the bucket's settings, so no request names a key. The functions need s3:ListBucket in addition to access
// to the objects; without it S3 returns AccessDenied for a missing object.
package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// UploadExpiry is how long a form is valid, by the wall clock.
const UploadExpiry = 10 * time.Minute

// redirectField is the form field with the address to which the store redirects after an upload (Amazon S3 API Reference, POST Object).
const redirectField = "success_action_redirect"

const maxBatch = 1000 // objects in one DeleteObjects request

// A Bucket is one bucket of S3 or a compatible service.
type Bucket struct {
	Client *s3.Client
	Name   string
	// Public signs forms for browsers if their address of the service differs from that of the functions; nil means Client.
	Public *s3.Client
}

// A Form is an upload form. A browser posts it as multipart/form-data: all fields first, then the file in a field named "file".
type Form struct {
	URL    string            `json:"url" doc:"where to post"`
	Fields map[string]string `json:"fields" doc:"form fields, to be sent before the file"`
}

func (b *Bucket) presign() *s3.PresignClient {
	if b.Public != nil {
		return s3.NewPresignClient(b.Public)
	}
	return s3.NewPresignClient(b.Client)
}

// PresignUpload returns the form for one upload: this key, this content type, at most [evidence.MaxStored]. After the upload, the store redirects
// the browser to the URL redirect, to which it adds bucket, key and etag as a query; "" redirects nowhere.
func (b *Bucket) PresignUpload(ctx context.Context, key evidence.Key, contentType, redirect string) (Form, error) {
	conditions := []any{
		[]any{"content-length-range", 0, evidence.MaxStored},
		map[string]string{"Content-Type": contentType},
	}
	if redirect != "" {
		conditions = append(conditions, map[string]string{redirectField: redirect})
	}
	signed, err := b.presign().PresignPostObject(ctx,
		&s3.PutObjectInput{Bucket: &b.Name, Key: aws.String(string(key))},
		func(o *s3.PresignPostOptions) {
			o.Expires = UploadExpiry
			o.Conditions = conditions
		})
	if err != nil {
		return Form{}, classify("PresignUpload", err)
	}
	signed.Values["Content-Type"] = contentType
	if redirect != "" {
		signed.Values[redirectField] = redirect
	}
	return Form{URL: signed.URL, Fields: signed.Values}, nil
}

// Origin returns scheme and host of the address to which the forms are posted.
func (b *Bucket) Origin(ctx context.Context) (string, error) {
	form, err := b.PresignUpload(ctx, "origin", "image/jpeg", "")
	if err != nil {
		return "", err
	}
	u, err := url.Parse(form.URL)
	if err != nil {
		return "", classify("Origin", err)
	}
	return u.Scheme + "://" + u.Host, nil
}

// Read returns an upload. Of a larger one it returns one byte more than [evidence.MaxUpload], which the inspection rejects. The
// error for a missing object is fault.NotFound.
func (b *Bucket) Read(ctx context.Context, key evidence.Key) ([]byte, error) {
	return b.ReadObject(ctx, string(key), evidence.MaxUpload)
}

// ReadObject returns any object, truncated to one byte more than limit. The error for a missing object is fault.NotFound.
func (b *Bucket) ReadObject(ctx context.Context, key string, limit int64) ([]byte, error) {
	object, err := b.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key})
	if err != nil {
		return nil, classify("Read", err)
	}
	defer object.Body.Close()
	var data bytes.Buffer
	if size := aws.ToInt64(object.ContentLength); size > 0 {
		data.Grow(int(min(size, limit)) + bytes.MinRead)
	}
	if _, err := data.ReadFrom(io.LimitReader(object.Body, limit+1)); err != nil {
		return nil, unavailable("Read", err)
	}
	return data.Bytes(), nil
}

// WriteObject stores an object.
func (b *Bucket) WriteObject(ctx context.Context, key string, data []byte) error {
	_, err := b.Client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.Name, Key: &key, ContentType: aws.String("application/octet-stream"), Body: bytes.NewReader(data),
	})
	if err != nil {
		return classify("Write", err)
	}
	return nil
}

// deletesAtOnce is how many objects are deleted at the same time.
const deletesAtOnce = 8

// Delete deletes objects, one in each request, because S3 charges nothing for these requests. Deleting a missing object is no error.
func (b *Bucket) Delete(ctx context.Context, keys ...string) error {
	var deleting errgroup.Group
	deleting.SetLimit(deletesAtOnce)
	for _, key := range keys {
		deleting.Go(func() error { return b.DeleteObject(ctx, key) })
	}
	return deleting.Wait()
}

// DeleteObject deletes any object. Deleting a missing object is no error. In a bucket with versions, the old version remains until its
// lifecycle removes it.
func (b *Bucket) DeleteObject(ctx context.Context, key string) error {
	_, err := b.Client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.Name, Key: &key})
	if err != nil {
		return classify("Delete", err)
	}
	return nil
}

func (b *Bucket) deleteBatch(ctx context.Context, objects []types.ObjectIdentifier) error {
	if len(objects) == 0 {
		return nil
	}
	done, err := b.Client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &b.Name, Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return classify("Delete", err)
	}
	if len(done.Errors) > 0 {
		return unavailable("Delete", fmt.Errorf("%d objects were not deleted, the first because of %s",
			len(done.Errors), aws.ToString(done.Errors[0].Code)))
	}
	return nil
}

// DeleteAll deletes all objects of an order, of a slot in it, or of one upload. The prefix must contain the complete order id and end in
// "/" or be the key of an upload, so that it never matches anything else. Deleting nothing is no error. In a bucket with versions, old
// versions remain until its lifecycle removes them.
func (b *Bucket) DeleteAll(ctx context.Context, prefix string) error {
	parts := strings.Split(prefix, "/")
	last := parts[len(parts)-1]
	if _, err := ulid.ParseStrict(last); len(parts) < 3 || parts[0] != "orders" || parts[1] == "" || last != "" && err != nil {
		return fmt.Errorf("bucket: DeleteAll: %q is not the prefix of an order", prefix)
	}
	pages := s3.NewListObjectsV2Paginator(b.Client,
		&s3.ListObjectsV2Input{Bucket: &b.Name, Prefix: &prefix, MaxKeys: aws.Int32(maxBatch)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return classify("DeleteAll", err)
		}
		objects := make([]types.ObjectIdentifier, len(page.Contents))
		for i, o := range page.Contents {
			objects[i].Key = o.Key
		}
		if err := b.deleteBatch(ctx, objects); err != nil {
			return err
		}
	}
	return nil
}

// classify converts an error of the SDK into a fault: NotFound, Unavailable if a retry may succeed, else Internal.
func classify(what string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		switch code := refusal.ErrorCode(); code {
		case "NoSuchKey", "NotFound":
			return &fault.Fault{Kind: fault.NotFound, Cause: fmt.Errorf("bucket: %s: %s", what, code), Message: finding.Words{
				Chinese: "找不到这份材料，可能还没有上传完成，请重新上传。", English: "There is no such paper; perhaps its upload did not complete."}}
		case "SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "ServiceUnavailable", "InternalError":
			return unavailable(what, err)
		}
		if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.HTTPStatusCode()/100 == 4 {
			return fault.Wrap(fault.Internal, fmt.Errorf("bucket: %s: %w", what, err))
		}
	}
	return unavailable(what, err)
}

func unavailable(what string, err error) error {
	return &fault.Fault{Kind: fault.Unavailable, Cause: fmt.Errorf("bucket: %s: %w", what, err), Message: finding.Words{
		Chinese: "暂时存取不了材料，请稍等一分钟再试；已保存的材料没有丢失。", English: "The store of papers is temporarily unavailable; please try again."}}
}
