package setup

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// clock is the clock of decisions: real time, or ahead of it by what a file says whenever it is read, such as "-24h".
// The laptop writes the file, so that functions in processes of their own stand at the day where it stands.
func clock(file string) (func() time.Time, error) {
	if file == "" {
		return time.Now, nil
	}
	if _, err := ahead(file); err != nil {
		return nil, err
	}
	return func() time.Time {
		offset, err := ahead(file)
		if err != nil {
			panic(err) // it was there when the function started: a decision at the wrong day is worse than none
		}
		return time.Now().Add(offset)
	}, nil
}

func ahead(file string) (time.Duration, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("the laptop's clock: %w", err)
	}
	offset, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("the laptop's clock: %s: %w", file, err)
	}
	return offset, nil
}
