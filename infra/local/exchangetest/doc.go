// Package exchangetest holds the tests of the exchange with the bureau: against the table's engine, the S3 gateway and
// the simulated bureau, each over its own protocol, with faults at their doors.
package exchangetest
