// Package buckettest holds the tests of the adapter of evidence against the S3 gateway of the laptop.
package buckettest
