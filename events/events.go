// Package events holds sample inputs: events/<function>/<case>.json is what a function gets, and
// events/applications/<case>.json is what an applicant gives in the course of one filing, for the demonstration.
// Every sample is decoded by a test, and every person and company in them is invented.
package events

import "embed"

// Files are the samples.
//
//go:embed */*.json
var Files embed.FS
