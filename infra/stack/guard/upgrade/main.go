// Command upgrade fails if the table of an environment has rows that this version cannot read, because a later version wrote them or a version too
// old. Otherwise it records that this version writes there. make deploy runs it before anything changes, with the AWS credentials of the user.
package main

import (
	"beian/infra/stack/guard"
	"beian/shared/aws/dynamo"
)

func main() { guard.Command(dynamo.AdoptFormat) }
