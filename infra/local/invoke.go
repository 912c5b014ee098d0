package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"beian/events"
	"beian/infra/local/clock"
	"beian/infra/local/system"
)

// invoke sends a sample event to its function in a new system: `local invoke reminders/daily`.
func invoke(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: make invoke EVENT=<function>/<case>; the samples are in events/")
	}
	name := strings.TrimSuffix(strings.TrimPrefix(args[0], "events/"), ".json")
	payload, err := events.Files.ReadFile(name + ".json")
	if err != nil {
		return fmt.Errorf("there is no sample events/%s.json", name)
	}
	function, _, _ := strings.Cut(name, "/")
	return inTempFolder(func(folder string) (err error) {
		s, err := system.Start(ctx, system.Config{Folder: folder, Clock: clock.New(), ReviewDelay: time.Second, Log: logger()})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		out, err := s.Functions.Invoke(ctx, function, payload)
		if err != nil {
			return fmt.Errorf("%s returned an error: %w", function, err)
		}
		fmt.Println(string(out))
		return nil
	})
}
