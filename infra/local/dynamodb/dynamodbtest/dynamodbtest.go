// Package dynamodbtest runs the laptop's database for one test.
package dynamodbtest

import (
	"testing"

	"beian/infra/local/dynamodb"
)

// Start starts an empty engine in memory, which ends with the test.
func Start(t testing.TB) *dynamodb.Engine {
	t.Helper()
	modules, err := dynamodb.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := dynamodb.Dynoxide{Binary: modules.Dynoxide()}.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}
