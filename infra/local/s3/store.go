package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// A store keeps objects in files. S3 has no folders; the gateway's are removed with their last object, and an object that is stored at that moment is
// refused as if its key were that of a folder. A store tries such an object again, because the form of a browser is sent once. It cannot for a body with a checksum at its
// end, which the SDK sends: it answers like S3 when it is busy, and the SDK repeats the request.
type store struct {
	*posix.Posix
	folder  string
	created func(bucket, key string, size int64) // see Config.Created; may be nil
}

const maxPuts = 20 // attempts to store an object

func (s store) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	out, err := s.put(ctx, in)
	if err == nil && s.created != nil {
		s.created(aws.ToString(in.Bucket), aws.ToString(in.Key), aws.ToInt64(out.Size))
	}
	return out, err
}

func (s store) put(ctx context.Context, in s3response.PutObjectInput) (out s3response.PutObjectOutput, err error) {
	if _, checksum := in.Body.(middlewares.ChecksumReader); checksum || in.Body == nil {
		if out, err = s.Posix.PutObject(ctx, in); s.lostFolder(in, err) {
			err = s3err.GetAPIError(s3err.ErrSlowDown)
		}
		return out, err
	}
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return out, err
	}
	for range maxPuts {
		in.Body = bytes.NewReader(body)
		if out, err = s.Posix.PutObject(ctx, in); !s.lostFolder(in, err) {
			return out, err
		}
	}
	return out, s3err.GetAPIError(s3err.ErrSlowDown)
}

// lostFolder reports whether an object was refused because its folder was removed at that moment.
func (s store) lostFolder(in s3response.PutObjectInput, err error) bool {
	refused, is := errors.AsType[s3err.APIError](err)
	if !is || refused.Code != s3err.GetAPIError(s3err.ErrExistingObjectIsDirectory).Code {
		return false
	}
	info, err := os.Stat(filepath.Join(s.folder, aws.ToString(in.Bucket), aws.ToString(in.Key)))
	return err != nil || !info.IsDir()
}
