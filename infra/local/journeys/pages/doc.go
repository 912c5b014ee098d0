// Package pages has the journeys of applicants in the browser: the pages of functions/portal in Chromium, in front of a whole system.
package pages
