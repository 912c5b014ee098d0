package limits

import (
	"sync"
	"time"
)

// kept counts uses in the process. The zero value has none. It is safe for concurrent use.
type kept struct {
	mu   sync.Mutex
	uses map[counter]int
}

// A counter counts the uses of an action by an account in a window.
type counter struct {
	action  Action
	account string
	end     time.Time
}

// maxKept is how many counters a process keeps. When there are more, it forgets them all.
const maxKept = 10_000

// add adds one use, and returns how many there are.
func (k *kept) add(c counter) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.uses == nil || len(k.uses) == maxKept && k.uses[c] == 0 {
		k.uses = map[counter]int{}
	}
	k.uses[c]++
	return k.uses[c]
}
