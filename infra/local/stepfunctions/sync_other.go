//go:build !linux

package stepfunctions

import "os"

// syncData waits until the disk has the content of a file.
func syncData(f *os.File) error { return f.Sync() }
