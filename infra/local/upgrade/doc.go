// Package upgrade tests that this version continues the orders of older versions. Each folder of testdata has the state of a system in which an order of
// every kind waits at every step, as a version wrote it; see TestContinue. The test of a release writes the state of that release:
//
//	go test ./infra/local/upgrade -run TestWrite -update -release 2026-11
//
// Never change what an older version has written. All people and companies in it are invented.
package upgrade
