// Package conformance has Schemathesis, a tool that this project did not write, compare a whole system with the OpenAPI document that it
// serves. Schemathesis sends requests that fit the document and requests that do not, once for each role, and reports every answer of
// status 5xx and every answer that the document does not describe. Run it with make test-api, which installs Schemathesis.
package conformance
