//go:build !linux

package subprocess

import "syscall"

// dieWithParent: see die_linux.go. Where the kernel does not end the child with its parent, the next start does.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
