//go:build !linux

package records

import "syscall"

func dieWithParent() *syscall.SysProcAttr { return nil }
