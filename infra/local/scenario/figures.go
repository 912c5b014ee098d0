package scenario

import (
	"context"
	"fmt"
	"net/http"

	"beian/functions/operator"
	"beian/infra/local/system"
	"beian/shared/rules/workday"
)

// Figures has the day summed up twice, and returns the figures of the last 300 days as an administrator reads them.
func Figures(ctx context.Context, s *system.System, admin *User) (got operator.Figures, err error) {
	for range 2 {
		if _, err := s.Functions.Invoke(ctx, "reminders", []byte(`{"counts":true}`)); err != nil {
			return got, err
		}
	}
	today := workday.DateOf(s.Clock.Now())
	err = admin.Call(ctx, http.MethodGet, fmt.Sprintf("/figures?from=%s&to=%s", today.AddDays(-300), today), nil, &got)
	return got, err
}
