// Package interrupted tests the program as it is started by hand: killed in the middle and started again, and started where
// it cannot run.
package interrupted
