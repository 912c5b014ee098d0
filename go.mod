module beian

go 1.26.0

ignore ./infra/node_modules

// The product: what the functions are built from.
require (
	github.com/arran4/golang-ical v0.3.4 // calendar files with the duties after approval (RFC 5545)
	github.com/aws/aws-lambda-go v1.55.1 // the Lambda runtime and its event types
	github.com/aws/aws-sdk-go-v2 v1.48.0 // AWS clients: configuration and credentials
	github.com/aws/aws-sdk-go-v2/credentials v1.20.16 // credentials as Lambda sets them
	github.com/aws/aws-sdk-go-v2/service/dynamodb v1.73.2 // filings
	github.com/aws/aws-sdk-go-v2/service/kms v1.62.5 // data keys and keyed hashes
	github.com/aws/aws-sdk-go-v2/service/s3 v1.114.9 // evidence, and presigned uploads
	github.com/aws/aws-sdk-go-v2/service/sesv2 v1.79.8 // email
	github.com/aws/aws-sdk-go-v2/service/sfn v1.41.2 // the workflow
	github.com/aws/aws-sdk-go-v2/service/sns v1.47.10 // SMS
	github.com/aws/smithy-go v1.28.9 // error codes of the AWS clients
	github.com/coreos/go-oidc/v3 v3.21.0 // log-in of the portal: discovery and ID tokens of any issuer
	github.com/danielgtaylor/huma/v2 v2.38.0 // the JSON API and its OpenAPI 3.1 document, from Go types
	github.com/emersion/go-sasl v0.0.0-20241020182733-b788ff22d5a6 // log-in at a mail relay
	github.com/emersion/go-smtp v0.25.1 // email over SMTP; in tests, the relay (ADR 64)
	github.com/makiuchi-d/gozxing v0.1.1 // reads the QR codes of signed forms, and of pages in tests; see shared/rules/qrcode
	github.com/oklog/ulid/v2 v2.1.2 // ids that sort by time
	github.com/openrdap/rdap v0.10.2 // the registries' public directory of domains: its list of servers and its answers (RFC 9083)
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1 // signatures of webhooks, as the specification defines them
	github.com/swaggest/swgui v1.8.5 // the page to browse the API, without any request to elsewhere
	github.com/temoto/robotstxt v1.1.2 // what a site permits to visits by machines
	github.com/yeqown/go-qrcode/v2 v2.3.0 // QR codes on the pages, drawn as SVG
	golang.org/x/image v0.47.0 // resizing pictures, and the names of colours
	golang.org/x/net v0.62.0 // internationalised domain names, the public suffix list, and HTML
	golang.org/x/oauth2 v0.38.0 // its authorization code flow with PKCE
	golang.org/x/sync v0.24.0 // bounded groups of goroutines
	golang.org/x/text v0.43.0 // GBK, normal forms of Unicode, and language tags
)

// Tests and the laptop.
require (
	github.com/chromedp/cdproto v0.159.0 // its protocol
	github.com/chromedp/chromedp v0.23.0 // drives Chromium in the tests of the pages
	github.com/cloudevents/sdk-go/v2 v2.16.2 // reads events as their receivers do; the functions write its nine fields themselves (ADR 59)
	github.com/go-jose/go-jose/v4 v4.1.9 // tokens of the local issuer
	github.com/google/go-cmp v0.7.0 // differences in tests
	github.com/google/uuid v1.6.0 // ids in the form of AWS
	github.com/klauspost/compress v1.19.2 // Zstandard, for the states of older versions
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // validates events against their published schemas
	github.com/versity/versitygw v1.8.0 // an S3 gateway in process
	github.com/xuri/excelize/v2 v2.11.1 // workbooks that an operator imports
	go.etcd.io/bbolt v1.5.0 // the durable state of the local Step Functions
)

// The CDK app.
require (
	github.com/aws/aws-cdk-go/awscdk/v2 v2.270.0 // the CDK
	github.com/aws/aws-sdk-go-v2/config v1.33.16 // credentials of the operator's shell, for make destroy
	github.com/aws/constructs-go/constructs/v10 v10.6.0 // its constructs
	github.com/aws/jsii-runtime-go v1.139.0 // its runtime
	github.com/cdklabs/cdk-nag-go/cdknag/v2 v2.38.2 // AWS's own rules for templates
)

require (
	github.com/Azure/go-ntlmssp v0.1.1 // indirect
	github.com/BurntSushi/toml v1.4.1-0.20240526193622-a339e1f7089c // indirect
	github.com/DataDog/datadog-go/v5 v5.9.1 // indirect
	github.com/Masterminds/semver/v3 v3.5.0 // indirect
	github.com/Microsoft/go-winio v0.6.2 // indirect
	github.com/andybalholm/brotli v1.2.3 // indirect
	github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream v1.7.26 // indirect
	github.com/aws/aws-sdk-go-v2/feature/ec2/imds v1.20.8 // indirect
	github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager v0.4.1 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/v4a v1.5.11 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/accept-encoding v1.13.24 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/checksum v1.11.12 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/endpoint-discovery v1.13.11 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/presigned-url v1.14.11 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/s3shared v1.20.11 // indirect
	github.com/aws/aws-sdk-go-v2/service/signin v1.12.4 // indirect
	github.com/aws/aws-sdk-go-v2/service/sso v1.39.4 // indirect
	github.com/aws/aws-sdk-go-v2/service/ssooidc v1.44.4 // indirect
	github.com/aws/aws-sdk-go-v2/service/sts v1.51.9 // indirect
	github.com/cdklabs/awscdk-asset-awscli-go/awscliv1/v2 v2.2.292 // indirect
	github.com/cdklabs/awscdk-asset-node-proxy-agent-go/nodeproxyagentv6/v2 v2.1.2 // indirect
	github.com/cdklabs/cloud-assembly-schema-go/awscdkcloudassemblyschema/v54 v54.11.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/fatih/color v1.19.0 // indirect
	github.com/go-asn1-ber/asn1-ber v1.5.8 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/go-ldap/ldap/v3 v3.4.14 // indirect
	github.com/gofiber/fiber/v3 v3.5.0 // indirect
	github.com/gofiber/schema v1.8.4 // indirect
	github.com/gofiber/utils/v2 v2.4.2 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	github.com/hashicorp/go-rootcerts v1.0.2 // indirect
	github.com/hashicorp/go-secure-stdlib/strutil v0.1.2 // indirect
	github.com/hashicorp/vault-client-go v0.4.3 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/klauspost/cpuid/v2 v2.4.0 // indirect
	github.com/mattn/go-colorable v0.1.15 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/mitchellh/go-homedir v1.1.0 // indirect
	github.com/modern-go/concurrent v0.0.0-20180306012644-bacd9c7ef1dd // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
	github.com/nats-io/nats.go v1.53.1 // indirect
	github.com/nats-io/nkeys v0.4.16 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.29 // indirect
	github.com/pkg/xattr v0.4.12 // indirect
	github.com/rabbitmq/amqp091-go v1.14.0 // indirect
	github.com/richardlehane/mscfb v1.0.9 // indirect
	github.com/richardlehane/msoleps v1.0.6 // indirect
	github.com/ryanuber/go-glob v1.0.0 // indirect
	github.com/segmentio/kafka-go v0.4.51 // indirect
	github.com/smira/go-statsd v1.3.4 // indirect
	github.com/stretchr/objx v0.5.2 // indirect
	github.com/tiendc/go-deepcopy v1.7.2 // indirect
	github.com/tinylib/msgp v1.6.4 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasthttp v1.73.0 // indirect
	github.com/xuri/efp v0.0.3-0.20260924042702-217b81952dec // indirect
	github.com/xuri/nfp v0.0.2-0.20250530014748-2ddeb826f9a9 // indirect
	github.com/yeqown/reedsolomon v1.0.0 // indirect
	github.com/yuin/goldmark v1.7.16 // indirect
	github.com/zeebo/xxh3 v1.1.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/exp/typeparams v0.0.0-20231108232855-2478ac86f678 // indirect
	golang.org/x/lint v0.0.0-20241112194109-818c5a804067 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/telemetry v0.0.0-20261010193011-f71dc92da45e // indirect
	golang.org/x/time v0.15.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
	golang.org/x/tools/cmd/godoc v0.1.0-deprecated // indirect
	golang.org/x/tools/godoc v0.1.0-deprecated // indirect
	golang.org/x/vuln v1.9.0 // indirect
	golang.org/x/xerrors v0.0.0-20200804184101-5ec99f83aff1 // indirect
	honnef.co/go/tools v0.8.2 // indirect
)

// Tools of make check.
tool (
	golang.org/x/vuln/cmd/govulncheck
	honnef.co/go/tools/cmd/staticcheck
)
