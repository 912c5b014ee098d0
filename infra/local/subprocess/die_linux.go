package subprocess

import "syscall"

// dieWithParent has the child end when its parent does, however that ends; but not by the Ctrl-C that is the parent's to
// answer, for a terminal sends that to a whole process group.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
