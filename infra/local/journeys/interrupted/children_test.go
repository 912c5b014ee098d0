package interrupted_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// processes returns the parent of each running process, without zombies.
func processes() (map[int]int, error) {
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "stat=").Output()
	if err != nil {
		return nil, err
	}
	parents := map[int]int{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || strings.HasPrefix(fields[2], "Z") {
			continue
		}
		pid, _ := strconv.Atoi(fields[0])
		parents[pid], _ = strconv.Atoi(fields[1])
	}
	return parents, nil
}

func childrenOf(t *testing.T, parent int) (children []int) {
	t.Helper()
	all, err := processes()
	if err != nil {
		t.Fatal(err)
	}
	for pid, of := range all {
		if of == parent {
			children = append(children, pid)
		}
	}
	return children
}

func alive(pid int) bool {
	all, err := processes()
	_, there := all[pid]
	return err == nil && there
}
