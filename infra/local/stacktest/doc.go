// Package stacktest holds the tests that need both the templates for AWS and the laptop: what the system does here is
// what it is let do there. The templates are the golden ones, which a test of infra/stack keeps equal to the stacks.
package stacktest
