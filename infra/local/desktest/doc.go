// Package desktest examines package desk and the functions of the states together with a state machine and a table that
// run: what comes of decisions while the machine sleeps, of calls that fail, come twice, or meet at the worst moment.
package desktest
