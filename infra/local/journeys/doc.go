// Package journeys tests whole filings through the public API: approved, refused, returned, expired, withdrawn, abandoned. Each
// test checks the path of states, the messages and the ledger. To read them, start with type journey.
package journeys
