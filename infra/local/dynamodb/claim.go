package dynamodb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A claim is the sole right to a database file. It is an advisory lock on <file>.lock, which the system releases when
// the process ends in whatever way; the lock file holds the child's process id.
type claim struct{ file *os.File }

// take claims file and ends a child that an earlier parent left behind on it. It returns ErrInUse when another
// process holds the claim. Claiming "" claims nothing.
func take(file, program string) (*claim, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.OpenFile(file+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", file, ErrInUse)
		}
		return nil, err
	}
	c := &claim{f}
	if err := c.endLeftover(program); err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

// endLeftover kills the process noted in the lock file if it still runs the same program.
func (c *claim) endLeftover(program string) error {
	text := make([]byte, 20)
	n, _ := c.file.ReadAt(text, 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil || !runs(pid, program) {
		return nil
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	process.Kill()
	for deadline := time.After(killAfter); runs(pid, program); {
		select {
		case <-deadline:
			return fmt.Errorf("process %d of an earlier run does not end: %w", pid, ErrInUse)
		case <-time.After(probeEvery):
		}
	}
	return nil
}

// runs reports whether pid is alive and runs program. Where /proc does not tell (not Linux), the answer is no: the
// port or the database's own lock then says that it is in use.
func runs(pid int, program string) bool {
	executable, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return false
	}
	want, err := filepath.EvalSymlinks(program)
	if err != nil {
		return false
	}
	want, err = filepath.Abs(want)
	return err == nil && executable == want
}

func (c *claim) note(pid int) {
	if c == nil {
		return
	}
	c.file.Truncate(0)
	c.file.WriteAt([]byte(strconv.Itoa(pid)+"\n"), 0)
}

func (c *claim) release() {
	if c == nil {
		return
	}
	c.file.Truncate(0)
	c.file.Close()
}
