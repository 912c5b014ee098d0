// Package interrupted tests the program as a separate process: killed and restarted during filings, and started with ports in
// use, a missing engine or damaged data.
package interrupted
