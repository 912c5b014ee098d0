// Package envelopetest provides [Keys], a key store in memory for tests.
package envelopetest

import (
	"context"
	"sync"
)

// Keys is a key store that is safe for concurrent use. Tests may change Wrapped between calls.
type Keys struct {
	mutex   sync.Mutex
	Wrapped map[string][]byte // by name
}

// AddKey stores the key of a name that has none.
func (k *Keys) AddKey(_ context.Context, name string, wrapped []byte) (bool, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.Wrapped[name] != nil {
		return false, nil
	}
	if k.Wrapped == nil {
		k.Wrapped = map[string][]byte{}
	}
	k.Wrapped[name] = wrapped
	return true, nil
}

// Key returns the key of a name; nil if it has none.
func (k *Keys) Key(_ context.Context, name string) ([]byte, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.Wrapped[name], nil
}

// DeleteKey deletes the key of a name.
func (k *Keys) DeleteKey(_ context.Context, name string) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	delete(k.Wrapped, name)
	return nil
}
