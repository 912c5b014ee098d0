// Package byhand tests the whole system of a provider without a link to the bureau: operators enter applications into the bureau's console, and
// record what it answers.
package byhand
