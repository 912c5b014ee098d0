// Package interrupted tests the program in a process of its own: killed and restarted during filings, and started where it
// cannot run.
package interrupted
