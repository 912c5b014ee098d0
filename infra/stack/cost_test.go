package stack_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestCostOfAlarms: cost.md has the numbers of alarms, of the metrics that they watch, each of which is charged, and of the metrics counted in logs.
func TestCostOfAlarms(t *testing.T) {
	text, err := os.ReadFile("../../.github/docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	system := readTemplate(t, "default-system")
	alarms, metrics := system.resourcesOf("AWS::CloudWatch::Alarm"), 0
	for _, r := range alarms {
		terms, isSum := r.Properties["Metrics"].([]any)
		if !isSum {
			metrics++
		}
		for _, term := range terms {
			if _, watched := term.(map[string]any)["MetricStat"]; watched {
				metrics++
			}
		}
	}
	words := map[int]string{8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}
	for _, want := range []string{fmt.Sprintf("| %d alarms, which watch %d metrics, and the dashboard |", len(alarms), metrics),
		fmt.Sprintf("| %s metrics counted in logs,", words[len(system.resourcesOf("AWS::Logs::MetricFilter"))])} {
		if !strings.Contains(string(text), want) {
			t.Errorf("cost.md lacks %q", want)
		}
	}
}
