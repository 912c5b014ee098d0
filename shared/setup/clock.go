package setup

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// newClock returns the clock of decisions: real time plus the offset in a file, such as "-24h". Each call of the clock reads the
// file. The laptop writes it, so that functions in separate processes use the laptop's clock.
func newClock(file string) (func() time.Time, error) {
	if file == "" {
		return time.Now, nil
	}
	if _, err := readOffset(file); err != nil {
		return nil, err
	}
	return func() time.Time {
		offset, err := readOffset(file)
		if err != nil {
			panic(err) // a decision with a wrong date is worse than none
		}
		return time.Now().Add(offset)
	}, nil
}

func readOffset(file string) (time.Duration, error) {
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
