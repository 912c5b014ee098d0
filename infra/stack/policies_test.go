package stack_test

import (
	"path/filepath"
	"testing"

	"beian/infra/local/privilege"
	"beian/infra/stack"
)

// TestPolicies checks that the policies allow every call that AWS makes in an environment: the policy of the caller's role, and that
// of the topic, queue, bucket, key or function that it calls. The journeys check the calls of the functions.
func TestPolicies(t *testing.T) {
	for environment, folder := range environmentFolders {
		s, err := stack.Load(folder, environment)
		if err != nil {
			t.Fatal(err)
		}
		regions := map[string][]string{s.Region: {environment + "-records", environment + "-system"}}
		if s.Mail.Region != "" && s.Mail.Region != s.Region {
			regions[s.Mail.Region] = []string{environment + "-mail"}
		}
		for region, names := range regions {
			var paths []string
			for _, name := range names {
				paths = append(paths, filepath.Join(synthesisFolder(t), "beian-"+name+".template.json"))
			}
			proof, err := privilege.Read(region, paths...)
			if err != nil {
				t.Errorf("%s: %v", environment, err)
				continue
			}
			calls := proof.Calls(nil, nil)
			if len(calls) == 0 {
				t.Errorf("AWS makes no call in %v", names)
			}
			for _, problem := range proof.Forbidden(calls) {
				t.Errorf("%s: %s", environment, problem)
			}
		}
	}
}
