//go:build !linux

package records

import "syscall"

// dieWithParent: see child_linux.go. Where the kernel does not end the child with its parent, the next start does.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
