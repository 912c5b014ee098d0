package subprocess

import "syscall"

// dieWithParent returns attributes that kill the child with its parent and start it in a new process group, because a terminal
// sends Ctrl-C to the whole group.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
