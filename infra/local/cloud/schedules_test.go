package cloud_test

import (
	"strings"
	"testing"
)

// TestSchedule: a schedule calls its function under its role, and Tick has it do so at once.
func TestSchedule(t *testing.T) {
	w := newWorld(t)
	w.program()
	app := map[string]any{
		"R": resource("AWS::IAM::Role", role), "F": resource("AWS::Lambda::Function", obeying),
		"S": resource("AWS::Scheduler::Schedule", `{"Name": "daily", "ScheduleExpression": "cron(0 9 * * ? *)", "ScheduleExpressionTimezone": "Asia/Shanghai",
			"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": {"Fn::GetAtt": ["F", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}, "Input": "{\"turn\":true}"}}`),
	}
	if _, failed := w.deploy("app", app, nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	if err := w.Tick(t.Context(), "daily"); err == nil || !strings.Contains(err.Error(), "lambda:InvokeFunction") {
		t.Errorf("a role that may nothing: %v", err)
	}
	if _, failed := w.deploy("app", with(app, map[string]any{"P": granted(`"lambda:InvokeFunction"`, `"`+functionARN+`"`)}), nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	if err := w.Tick(t.Context(), "daily"); err != nil || w.said.String() != `{"turn":true}`+"\n" {
		t.Errorf("%v %q", err, w.said)
	}
	if err := w.Tick(t.Context(), "weekly"); err == nil {
		t.Error("a schedule that is not there took a turn")
	}
}
