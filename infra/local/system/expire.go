package system

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	localdynamodb "beian/infra/local/dynamodb"
)

const (
	// uploadHours is how long an upload that was not accepted is kept, as by the lifecycle rule on AWS.
	uploadHours = 24
	// messageDays is how long the outbox keeps messages, as long as the data of a withdrawn order. The outbox stands for the recipients' phones
	// and mailboxes: on AWS Beian keeps no message, and cannot erase those that it sent.
	messageDays = 92
)

// DeleteExpired does what AWS does by itself: it deletes uploads that were not accepted, and items whose time to live is over. wall is
// the real time. It also deletes old messages of the outbox, by the system's clock.
func (s *System) DeleteExpired(ctx context.Context, wall time.Time) error {
	return errors.Join(
		s.objects.DeleteBefore(ctx, Uploads, wall.Add(-uploadHours*time.Hour)),
		localdynamodb.DeleteExpired(ctx, dynamodb.NewFromConfig(s.Parts.AWS), Table, "ttl", "pk", "sk", wall),
		s.Outbox.DeleteBefore(s.Clock.Now().AddDate(0, 0, -messageDays)),
	)
}
