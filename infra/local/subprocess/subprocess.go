// Package subprocess starts programs that end together with this process: call [Start].
package subprocess

import (
	"os/exec"
	"runtime"
	"sync"
)

type request struct {
	command *exec.Cmd
	started chan error
}

// starter starts all programs from one thread that never ends: Linux kills a child when the thread that started it ends.
var starter = sync.OnceValue(func() chan<- request {
	queue := make(chan request)
	go func() {
		runtime.LockOSThread()
		for r := range queue {
			r.started <- r.command.Start()
		}
	}()
	return queue
})

// Start starts a command like [exec.Cmd.Start]. On Linux the child is killed when this process ends, even if this process is killed;
// on other systems the child then continues. Ctrl-C at the terminal does not reach the child.
func Start(c *exec.Cmd) error {
	c.SysProcAttr = dieWithParent()
	r := request{c, make(chan error, 1)}
	starter() <- r
	return <-r.started
}
