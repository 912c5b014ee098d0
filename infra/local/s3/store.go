package s3

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// A store keeps objects in files. S3 has no folders; the gateway's are removed with their last object, and an object that is stored at that moment is
// refused as if its key were that of a folder. A store answers such a request like S3 when it is busy, so that clients repeat it.
type store struct {
	*posix.Posix
	folder string
}

func (s store) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	out, err := s.Posix.PutObject(ctx, in)
	if refused, is := errors.AsType[s3err.APIError](err); is && refused.Code == s3err.GetAPIError(s3err.ErrExistingObjectIsDirectory).Code {
		if info, statErr := os.Stat(filepath.Join(s.folder, aws.ToString(in.Bucket), aws.ToString(in.Key))); statErr != nil || !info.IsDir() {
			return out, s3err.GetAPIError(s3err.ErrSlowDown)
		}
	}
	return out, err
}
