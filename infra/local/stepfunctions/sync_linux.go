package stepfunctions

import (
	"os"
	"syscall"
)

// syncData waits until the disk has the content of a file.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
