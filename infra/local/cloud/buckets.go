package cloud

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"beian/infra/local/cloudformation"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A Bucket is a bucket of S3. Of its properties the gateway has the rules about origins; versions, life cycles, visits and
// encryption at rest are kept as they are wished for.
type Bucket struct {
	BucketName, AccessControl string
	BucketEncryption          struct {
		ServerSideEncryptionConfiguration []struct {
			BucketKeyEnabled              bool
			ServerSideEncryptionByDefault struct{ SSEAlgorithm, KMSMasterKeyID string }
		}
	}
	CorsConfiguration struct {
		CorsRules []struct {
			AllowedHeaders, AllowedMethods, AllowedOrigins, ExposedHeaders []string
			MaxAge                                                         *int32
		}
	}
	LifecycleConfiguration struct {
		Rules []struct {
			Id, Prefix, Status             string
			ExpirationInDays               int
			ExpiredObjectDeleteMarker      bool
			AbortIncompleteMultipartUpload struct{ DaysAfterInitiation int }
			NoncurrentVersionExpiration    struct{ NoncurrentDays int }
		}
	}
	LoggingConfiguration struct{ DestinationBucketName, LogFilePrefix string }
	OwnershipControls    struct {
		Rules []struct{ ObjectOwnership string }
	}
	PublicAccessBlockConfiguration struct{ BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets bool }
	VersioningConfiguration        struct{ Status string }
	Tags                           []tag
}

func (a *Account) bucketHandler() cloudformation.Handler {
	return handler(&a.made.buckets, maker[Bucket]{
		createOnly: []string{"BucketName"},
		name: func(r cloudformation.Request, b Bucket) string {
			if b.BucketName != "" {
				return b.BucketName
			}
			return strings.ToLower(r.Name(63))
		},
		attributes: func(id string, _ Bucket) map[string]any {
			suffix := cloudformation.URLSuffix(a.config.Region)
			return map[string]any{
				"Arn":                "arn:" + a.partition() + ":s3:::" + id,
				"DomainName":         id + ".s3." + suffix,
				"RegionalDomainName": id + ".s3." + a.config.Region + "." + suffix,
			}
		},
		check: func(b Bucket) error {
			if to := b.LoggingConfiguration.DestinationBucketName; to != "" {
				if _, is := a.made.buckets.get(to); !is {
					return fmt.Errorf("the target bucket for logging, %s, does not exist", to)
				}
			}
			for _, rule := range b.BucketEncryption.ServerSideEncryptionConfiguration {
				if id := rule.ServerSideEncryptionByDefault.KMSMasterKeyID; id != "" && !a.hasKey(id) {
					return fmt.Errorf("the key %s does not exist", id)
				}
			}
			return nil
		},
		create: func(ctx context.Context, id string, b *Bucket) error {
			_, err := a.objects.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &id, CreateBucketConfiguration: &types.CreateBucketConfiguration{
				LocationConstraint: types.BucketLocationConstraint(a.config.Region)}})
			if err != nil {
				return fmt.Errorf("bucket %s: %w", id, err)
			}
			return a.setOrigins(ctx, id, *b)
		},
		update: func(ctx context.Context, id string, _ Bucket, b *Bucket) error { return a.setOrigins(ctx, id, *b) },
		delete: func(ctx context.Context, id string, _ Bucket) error {
			_, err := a.objects.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &id})
			return err
		},
	})
}

// setOrigins tells the gateway which pages may send across origins.
func (a *Account) setOrigins(ctx context.Context, id string, b Bucket) error {
	var rules []types.CORSRule
	for _, r := range b.CorsConfiguration.CorsRules {
		rules = append(rules, types.CORSRule{AllowedHeaders: r.AllowedHeaders, AllowedMethods: r.AllowedMethods, AllowedOrigins: r.AllowedOrigins,
			ExposeHeaders: r.ExposedHeaders, MaxAgeSeconds: r.MaxAge})
	}
	var err error
	if len(rules) == 0 {
		_, err = a.objects.DeleteBucketCors(ctx, &s3.DeleteBucketCorsInput{Bucket: &id})
	} else {
		_, err = a.objects.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: &id, CORSConfiguration: &types.CORSConfiguration{CORSRules: rules}})
	}
	if err != nil {
		return fmt.Errorf("origins of bucket %s: %w", id, err)
	}
	return nil
}

// A bucketPolicy says what may be done with a bucket, by whom.
type bucketPolicy struct {
	Bucket         string
	PolicyDocument document
}

func (a *Account) bucketPolicyHandler() cloudformation.Handler {
	return handler(&a.made.bucketPolicies, maker[bucketPolicy]{
		createOnly: []string{"Bucket"},
		name:       func(_ cloudformation.Request, p bucketPolicy) string { return p.Bucket },
		check: func(p bucketPolicy) error {
			if _, is := a.made.buckets.get(p.Bucket); !is {
				return fmt.Errorf("the bucket %s does not exist", p.Bucket)
			}
			return nil
		},
	})
}

// serveObjects passes a request to the gateway, which checks its signature itself. How a bucket is encrypted the gateway
// does not know, and the CDK asks.
func (a *Account) serveObjects(w http.ResponseWriter, r *http.Request) {
	bucket := strings.Trim(r.URL.Path, "/")
	b, is := a.made.buckets.get(bucket)
	if r.Method != http.MethodGet || !r.URL.Query().Has("encryption") || !is {
		a.gateway.ServeHTTP(w, r)
		return
	}
	type byDefault struct{ SSEAlgorithm, KMSMasterKeyID string }
	var out struct {
		XMLName xml.Name    `xml:"ServerSideEncryptionConfiguration"`
		Rules   []byDefault `xml:"Rule>ApplyServerSideEncryptionByDefault"`
	}
	for _, rule := range b.BucketEncryption.ServerSideEncryptionConfiguration {
		out.Rules = append(out.Rules, byDefault(rule.ServerSideEncryptionByDefault))
	}
	if len(out.Rules) == 0 {
		out.Rules = []byDefault{{SSEAlgorithm: "AES256"}} // as S3 has it when nothing is said
	}
	answerXML(w, http.StatusOK, out)
}
