//go:build !linux

package subprocess

import "syscall"

// dieWithParent gives the child a process group of its own. Only Linux can kill it with its parent.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
