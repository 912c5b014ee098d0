package s3_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"
)

// TestPutWhileDeleting: a client that repeats requests, like that of the functions, stores an object while the last other one in its folder is deleted.
func TestPutWhileDeleting(t *testing.T) {
	g := startGateway(t, newConfig(t))
	s := client(g.Endpoint())
	often := func(o *s3.Options) {
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts, r.MaxBackoff, r.RateLimiter = 20, 50*time.Millisecond, ratelimit.None
		})
	}
	var workers errgroup.Group
	for worker := range 8 {
		workers.Go(func() error {
			for range 40 {
				key := aws.String(fmt.Sprintf("papers/o-1/%d.jpg", worker))
				if _, err := s.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: key, Body: strings.NewReader("picture")}, often); err != nil {
					return err
				}
				if _, err := s.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: key}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := workers.Wait(); err != nil {
		t.Error(err)
	}
}

// TestPlainPutWhileDeleting: a request that is sent once, like that of a browser, stores an object at such a moment, too.
func TestPlainPutWhileDeleting(t *testing.T) {
	g := startGateway(t, newConfig(t))
	s := client(g.Endpoint())
	presigned := s3.NewPresignClient(s)
	var workers errgroup.Group
	for worker := range 8 {
		workers.Go(func() error {
			for range 40 {
				key := aws.String(fmt.Sprintf("papers/o-1/%d.jpg", worker))
				put, err := presigned.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: key})
				if err != nil {
					return err
				}
				r, err := http.NewRequestWithContext(t.Context(), put.Method, put.URL, strings.NewReader("picture"))
				if err != nil {
					return err
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					return err
				}
				answer.Body.Close()
				if answer.StatusCode != http.StatusOK {
					return fmt.Errorf("the object was answered with %s", answer.Status)
				}
				if _, err := s.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: key}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := workers.Wait(); err != nil {
		t.Error(err)
	}
}
