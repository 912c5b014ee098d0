package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"beian/infra/local/cloudformation"
)

// A shelf keeps the resources of one type by a key, as the properties that they have.
type shelf[P any] struct {
	mu  sync.RWMutex
	all map[string]P
}

func (s *shelf[P]) get(key string) (P, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, is := s.all[key]
	return p, is
}

func (s *shelf[P]) keys() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.all))
}

// list is everything on the shelf, by key.
func (s *shelf[P]) list() []P {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]P, 0, len(s.all))
	for _, key := range slices.Sorted(maps.Keys(s.all)) {
		all = append(all, s.all[key])
	}
	return all
}

func (s *shelf[P]) put(key string, p P) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]P{}
	}
	s.all[key] = p
}

func (s *shelf[P]) drop(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, key)
}

// A maker is how the resources of one type are made. Only name is required.
type maker[P any] struct {
	createOnly []string
	// name is the physical id of a new resource.
	name func(r cloudformation.Request, p P) string
	// key is where a resource is on its shelf, if that is not its physical id.
	key        func(id string, p P) string
	attributes func(id string, p P) map[string]any
	// check holds properties to what the service wants, and to what there is.
	check  func(p P) error
	create func(ctx context.Context, id string, p *P) error
	update func(ctx context.Context, id string, old P, p *P) error
	delete func(ctx context.Context, id string, p P) error
}

// handler makes resources of a type by their maker and keeps them on a shelf. Two with the same name are refused.
func handler[P any](kept *shelf[P], m maker[P]) cloudformation.Handler {
	if m.key == nil {
		m.key = func(id string, _ P) string { return id }
	}
	described := func(id string, p P) cloudformation.Physical {
		if m.attributes == nil {
			return cloudformation.Physical{ID: id}
		}
		return cloudformation.Physical{ID: id, Attributes: m.attributes(id, p)}
	}
	read := func(r cloudformation.Request) (p P, err error) {
		if err := decode(r.Properties, &p); err != nil || m.check == nil {
			return p, err
		}
		return p, m.check(p)
	}
	return cloudformation.Handler{
		CreateOnly: m.createOnly,
		Create: func(ctx context.Context, r cloudformation.Request) (made cloudformation.Physical, err error) {
			p, err := read(r)
			if err != nil {
				return made, err
			}
			id := m.name(r, p)
			key := m.key(id, p)
			if _, is := kept.get(key); is {
				return made, fmt.Errorf("%s already exists", id)
			}
			if m.create != nil {
				if err := m.create(ctx, id, &p); err != nil {
					return made, err
				}
			}
			kept.put(key, p)
			return described(id, p), nil
		},
		Update: func(ctx context.Context, r cloudformation.Request) (made cloudformation.Physical, err error) {
			p, err := read(r)
			if err != nil {
				return made, err
			}
			key := m.key(r.Physical.ID, p)
			old, is := kept.get(key)
			if !is {
				return made, fmt.Errorf("%s does not exist any more", r.Physical.ID)
			}
			if m.update != nil {
				if err := m.update(ctx, r.Physical.ID, old, &p); err != nil {
					return made, err
				}
			}
			kept.put(key, p)
			return described(r.Physical.ID, p), nil
		},
		Delete: func(ctx context.Context, r cloudformation.Request) error {
			var p P
			if err := decode(r.Properties, &p); err != nil {
				return err
			}
			key := m.key(r.Physical.ID, p)
			p, is := kept.get(key)
			if !is {
				return nil
			}
			if m.delete != nil {
				if err := m.delete(ctx, r.Physical.ID, p); err != nil {
					return err
				}
			}
			kept.drop(key)
			return nil
		},
	}
}

// decode reads properties into a struct that names them. A property that it does not name is an error.
func decode(properties map[string]any, into any) error {
	text, err := json.Marshal(properties)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the properties are not what is known here: %w", err)
	}
	return nil
}

// required returns an error that names the first property that is missing: name, value, name, value…
func required(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return errors.New("the property " + pairs[i] + " is missing")
		}
	}
	return nil
}

// named is a name function for a type whose resources may be named: the property, or a name that is drawn.
func named[P any](property func(P) string, longest int) func(cloudformation.Request, P) string {
	return func(r cloudformation.Request, p P) string {
		if name := property(p); name != "" {
			return name
		}
		return r.Name(longest)
	}
}

// A tag is what AWS calls a tag in properties.
type tag struct{ Key, Value string }
