// Package recordedlog records the log of a system under test, and finds what no log may hold.
package recordedlog

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// A Log records what is written to it. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// personal matches names, numbers and addresses of the invented applicants.
var personal = regexp.MustCompile(`示例|样例|110101(19|20)\d{6}|\b188\d{8}\b|invented-example|胡同`)

// Check returns an error if the log holds personal data or a panic.
func (l *Log) Check() error {
	for line := range l.lines() {
		if personal.MatchString(line) {
			return errors.New("the log holds personal data")
		}
		if strings.Contains(line, "msg=panic") || strings.HasPrefix(line, "panic: ") {
			return fmt.Errorf("a function panicked: %s", line)
		}
	}
	return nil
}

// String returns what was written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Errors returns the lines of level ERROR.
func (l *Log) Errors() []string {
	var found []string
	for line := range l.lines() {
		if strings.Contains(line, "level=ERROR") {
			found = append(found, line)
		}
	}
	return found
}

func (l *Log) lines() func(func(string) bool) {
	return strings.Lines(l.String())
}
