package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// records are the stateful resources.
type records struct {
	table awsdynamodb.Table
	// keys has the wrapped data keys of the filings. It has no backups, so a deleted key cannot be restored.
	keys awsdynamodb.Table
	// evidence has accepted evidence and the bureau's files. uploads has the files that applicants uploaded and that are not accepted yet.
	evidence, uploads awss3.Bucket
	// filings wraps the filings' data keys, lookup computes look-up keys, papers encrypts both buckets.
	filings, lookup, papers awskms.Key
	secrets                 secrets
	applicants, staff       *userPool     // nil if the provider has its own issuer
	address                 awsec2.CfnEIP // nil unless egress is fixed
}

func newRecords(stack awscdk.Stack, s Settings) *records {
	r := &records{table: newTable(stack, s), keys: newKeysTable(stack, s), secrets: newSecrets(stack, s)}
	r.filings = newKey(stack, s, "filings", "wraps the data key of every filing", awskms.KeySpec_SYMMETRIC_DEFAULT)
	r.lookup = newKey(stack, s, "lookup", "makes look-up keys of certificate and mobile numbers, and authenticates the ledger", awskms.KeySpec_HMAC_256)
	r.papers = newKey(stack, s, "evidence", "encrypts the papers of applicants", awskms.KeySpec_SYMMETRIC_DEFAULT)
	newBuckets(stack, s, r)
	if s.Identity.Kind == Cognito {
		r.staff, r.applicants = newStaffUsers(stack, s), newApplicantUsers(stack, s)
	}
	if s.usesSES() && !s.hasMailRegion() {
		newSender(stack, s)
	}
	if s.Egress == Fixed {
		r.address = newAddress(stack, s)
	}
	return r
}

// newTable adds the table of filings. The comment of package dynamo has its schema.
func newTable(stack awscdk.Stack, s Settings) awsdynamodb.Table {
	text := func(name string) *awsdynamodb.Attribute {
		return &awsdynamodb.Attribute{Name: jsii.String(name), Type: awsdynamodb.AttributeType_STRING}
	}
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		TableName:                        jsii.String(s.TableName()),
		PartitionKey:                     text("pk"),
		SortKey:                          text("sk"),
		BillingMode:                      awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:                       awsdynamodb.TableEncryption_AWS_MANAGED,
		Stream:                           awsdynamodb.StreamViewType_NEW_IMAGE,
		TimeToLiveAttribute:              jsii.String("ttl"),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
		DeletionProtection:               jsii.Bool(true),
		RemovalPolicy:                    awscdk.RemovalPolicy_RETAIN,
	})
	for _, index := range []string{"mine", "open"} {
		table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName: jsii.String(index), PartitionKey: text(index), SortKey: text("at"),
			ProjectionType: awsdynamodb.ProjectionType_INCLUDE, NonKeyAttributes: jsii.Strings("brief"),
		})
	}
	table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
		IndexName: jsii.String("due"), PartitionKey: text("due"), SortKey: text("dueAt"), ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
	})
	addOutput(stack, "TableName", table.TableName(), "the table of filings")
	return table
}

// newKeysTable adds the table of dynamo.Keys. It has no backups: erasing a filing deletes its key, which a backup could restore.
func newKeysTable(stack awscdk.Stack, s Settings) awsdynamodb.Table {
	table := awsdynamodb.NewTable(stack, jsii.String("KeysTable"), &awsdynamodb.TableProps{
		TableName:          jsii.String(s.TableName() + "-keys"),
		PartitionKey:       &awsdynamodb.Attribute{Name: jsii.String("name"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:        awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:         awsdynamodb.TableEncryption_AWS_MANAGED,
		DeletionProtection: jsii.Bool(true),
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
	})
	suppress(table, "AwsSolutions-DDB3", "A backup could restore a deleted key: erasing a filing deletes its key, and so makes its data in every backup unreadable.")
	return table
}

// newKey adds a key that is retained when its stack is deleted. KMS rotates symmetric keys every year. It does not rotate an HMAC key:
// look-up keys computed with the old key would no longer match.
func newKey(stack awscdk.Stack, s Settings, name, what string, spec awskms.KeySpec) awskms.Key {
	props := &awskms.KeyProps{
		Alias:         jsii.String("beian/" + s.Name + "/" + name),
		Description:   jsii.String("Beian (" + s.Name + "): " + what),
		KeySpec:       spec,
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		PendingWindow: awscdk.Duration_Days(jsii.Number(30)),
	}
	if spec == awskms.KeySpec_HMAC_256 {
		props.KeyUsage = awskms.KeyUsage_GENERATE_VERIFY_MAC
	} else {
		props.EnableKeyRotation = jsii.Bool(true)
	}
	return awskms.NewKey(stack, jsii.String("Key-"+name), props)
}

// newBuckets adds the bucket of evidence, which only functions reach, and the bucket to which browsers upload by presigned
// forms. Objects in the first are encrypted under the keys of their filings. Uploads are not, so they keep no versions and
// expire after a day.
func newBuckets(stack awscdk.Stack, s Settings, r *records) {
	days := func(n int) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }
	visits := awss3.NewBucket(stack, jsii.String("EvidenceVisits"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		LifecycleRules:    &[]*awss3.LifecycleRule{{Expiration: days(s.LogDays)}},
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
	})
	bucket := func(id, prefix string, change func(*awss3.BucketProps)) awss3.Bucket {
		props := &awss3.BucketProps{
			Encryption:             awss3.BucketEncryption_KMS,
			EncryptionKey:          r.papers,
			BucketKeyEnabled:       jsii.Bool(true),
			BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
			ObjectOwnership:        awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
			EnforceSSL:             jsii.Bool(true),
			MinimumTLSVersion:      jsii.Number(1.2),
			ServerAccessLogsBucket: visits,
			ServerAccessLogsPrefix: jsii.String(prefix),
			RemovalPolicy:          awscdk.RemovalPolicy_RETAIN,
		}
		change(props)
		return awss3.NewBucket(stack, jsii.String(id), props)
	}
	r.evidence = bucket("Evidence", "evidence/", func(p *awss3.BucketProps) {
		p.Versioned = jsii.Bool(true)
		// Deleted and overwritten objects can be restored for 30 days.
		p.LifecycleRules = &[]*awss3.LifecycleRule{{
			NoncurrentVersionExpiration:         days(30),
			ExpiredObjectDeleteMarker:           jsii.Bool(true),
			AbortIncompleteMultipartUploadAfter: days(1),
		}}
	})
	r.uploads = bucket("Uploads", "uploads/", func(p *awss3.BucketProps) {
		p.LifecycleRules = &[]*awss3.LifecycleRule{{Expiration: days(1), AbortIncompleteMultipartUploadAfter: days(1)}}
		p.Cors = &[]*awss3.CorsRule{{
			AllowedOrigins: jsii.Strings(s.origin()),
			AllowedMethods: &[]awss3.HttpMethods{awss3.HttpMethods_POST},
			AllowedHeaders: jsii.Strings("content-type"),
			MaxAge:         jsii.Number(3600),
		}}
	})
	// Each new object is an event of EventBridge. The property of the construct would add a custom resource.
	r.uploads.Node().DefaultChild().(awss3.CfnBucket).SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
		EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{EventBridgeEnabled: jsii.Bool(true)},
	})
	addOutput(stack, "EvidenceBucket", r.evidence.BucketName(), "the bucket of accepted evidence and the bureau's files")
}
