// Package subprocess starts programs that end when this one does.
package subprocess

import (
	"os/exec"
	"runtime"
	"sync"
)

// starting is a program to be started, and where to say whether it was.
type starting struct {
	command *exec.Cmd
	started chan error
}

// starter starts programs on one thread that lives as long as this process: the kernel ties a child's fate to the thread
// that started it.
var starter = sync.OnceValue(func() chan<- starting {
	queue := make(chan starting)
	go func() {
		runtime.LockOSThread()
		for s := range queue {
			s.started <- s.command.Start()
		}
	}()
	return queue
})

// Start starts a command, as [exec.Cmd.Start] does, and has it end with this process, however that ends; but not by a
// Ctrl-C at the terminal, which is this process's to answer. On Linux the kernel sees to it; elsewhere a child outlives
// a parent that was killed.
func Start(c *exec.Cmd) error {
	c.SysProcAttr = dieWithParent()
	s := starting{c, make(chan error, 1)}
	starter() <- s
	return <-s.started
}
