// Package attacks tests that known attacks on the API and on the listeners of a system have no effect. Each test sends the requests of
// the attack and checks that honest users are served as before. The attacks are listed in .github/docs/threats.md.
package attacks
