// Package apitest is the exam of the JSON API on the engines of the laptop: a DynamoDB-compatible one and an S3 gateway.
package apitest
