// Package apps tests the filing of apps, mini programs and quick apps in the whole system of a provider with a link to the bureau: the
// applications go by hand, and nothing of them goes over the link.
package apps
