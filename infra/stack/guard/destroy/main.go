// Command destroy fails if an environment has filings. make destroy runs it first. It reads the environment's table with the
// AWS credentials of the user.
package main

import "beian/infra/stack/guard"

func main() { guard.Command(guard.Check) }
