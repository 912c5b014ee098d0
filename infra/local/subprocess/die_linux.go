package subprocess

import "syscall"

// dieWithParent kills the child with its parent, and gives it a process group of its own, for a terminal sends Ctrl-C to the
// whole group.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
