// Package cloudtest deploys the product to an account of package cloud with the CDK's own command line. It has only
// tests, and a package of its own since one gateway of package objects runs in a process.
package cloudtest
