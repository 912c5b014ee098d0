module beian/infra/local

go 1.26.0

require beian v0.0.0

require (
	github.com/go-jose/go-jose/v4 v4.1.9 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/versity/versitygw v1.8.0 // indirect
	github.com/zitadel/oidc/v3 v3.51.17 // indirect
	go.etcd.io/bbolt v1.5.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace beian => ../..
