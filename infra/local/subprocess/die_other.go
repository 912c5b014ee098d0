//go:build !linux

package subprocess

import "syscall"

// dieWithParent returns attributes that start the child in a new process group. Only Linux can kill it with its parent.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
