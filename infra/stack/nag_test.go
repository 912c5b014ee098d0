package stack_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNag checks all environments with cdk-nag's AwsSolutions.
func TestNag(t *testing.T) {
	synthesisFolder(t)
	for _, finding := range synthesis.findings {
		t.Error(finding)
	}
}

// TestSuppressionsAreNeeded: each suppression has a reason, and suppresses a finding in cdk-nag's reports.
func TestSuppressionsAreNeeded(t *testing.T) {
	folder := synthesisFolder(t)
	files, err := filepath.Glob(filepath.Join(folder, "AwsSolutions-*-NagReport.csv"))
	if err != nil || len(files) != len(templates) {
		t.Fatalf("reports %q, %v", files, err)
	}
	used := map[string]bool{}
	for _, file := range files {
		for _, row := range readReport(t, file) {
			if len(row) > 3 && row[2] == "Suppressed" {
				used[row[0]+": "+row[3]] = true
			}
		}
	}
	for _, name := range templates {
		for id, r := range readTemplate(t, name).Resources {
			nag, ok := r.Metadata["cdk_nag"].(map[string]any)
			if !ok {
				continue
			}
			for _, one := range nag["rules_to_suppress"].([]any) {
				fields := one.(map[string]any)
				rule, reason := fields["id"].(string), fields["reason"].(string)
				if len(strings.Fields(reason)) < 5 {
					t.Errorf("%s: %s is suppressed without a reason", id, rule)
				}
				if !used[rule+": "+reason] {
					t.Errorf("%s: the suppression of %s is not needed: %s", id, rule, reason)
				}
			}
		}
	}
}

func readReport(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
