// Package journeys holds the tests of the whole: filings that are taken, refused, returned, forgotten, withdrawn and interrupted,
// through the public API alone. Each looks at the path of states, the messages that went out, and the ledger.
package journeys
