package asl

import (
	"encoding/json"
	"slices"
)

// inlineConcurrency is how many iterations of an inline Map run at a time when MaxConcurrency is 0, as on AWS.
const inlineConcurrency = 40

// forkBranches begins the branches of a Parallel.
func (r *run) forkBranches(b *Branch, s *state, sc *scope) {
	input, failure := parameters(sc, s.parameters)
	if failure != nil {
		r.fail(b, failure)
		return
	}
	text := encode(input)
	if failure := oversize(text, "parameters"); failure != nil {
		r.fail(b, failure)
		return
	}
	r.record(b, Event{Type: "ParallelStateStarted"})
	b.Fork = &Fork{Results: make([]json.RawMessage, len(s.branches)), Left: len(s.branches)}
	started := b.Last
	for i, l := range s.branches {
		child := &Branch{Last: started, Number: i, parent: b}
		b.Fork.Running = append(b.Fork.Running, child)
		r.enter(child, l.startAt, text)
	}
}

// forkItems begins a Map.
func (r *run) forkItems(b *Branch, s *state, sc *scope) {
	v, ok := sc.find(*s.items)
	items, isList := v.([]any)
	if !ok || !isList {
		r.fail(b, &Failure{Name: ErrorRuntime, Cause: "The ItemsPath '" + s.items.text + "' does not lead to an array."})
		return
	}
	r.record(b, Event{Type: "MapStateStarted", Length: len(items)})
	b.Fork = &Fork{Results: make([]json.RawMessage, len(items)), Left: len(items)}
	for _, item := range items {
		b.Fork.Items = append(b.Fork.Items, encode(item))
	}
	if len(items) == 0 {
		r.joined(b)
		return
	}
	r.iterate(b, s, sc)
}

// iterate begins as many iterations of a Map as may run at a time.
func (r *run) iterate(b *Branch, s *state, sc *scope) {
	limit := inlineConcurrency
	if s.concurrency > 0 {
		limit = s.concurrency
	}
	f := b.Fork
	for len(f.Items) > 0 && len(f.Running) < limit {
		item := f.Items[0]
		child := &Branch{Last: b.Last, Number: len(f.Results) - len(f.Items), Item: item, parent: b}
		f.Items = f.Items[1:]
		input := item
		if s.iterationSelector != nil {
			selected, failure := s.iterationSelector.value(r.itemScope(b, child, sc))
			if failure == nil {
				input = encode(selected)
				failure = oversize(input, "item")
			}
			if failure != nil {
				r.fail(b, failure)
				return
			}
		}
		f.Running = append(f.Running, child)
		r.record(child, Event{Type: "MapIterationStarted", State: s.name, Index: child.Number})
		r.enter(child, s.branches[0].startAt, input)
	}
}

// itemScope is the Map's own scope, with the item that an iteration is for.
func (r *run) itemScope(b, child *Branch, sc *scope) *scope {
	return &scope{input: sc.input, random: sc.random, context: func() any {
		object := r.contextObject(b)
		object["Map"] = mapContext(child.Number, child.Item)
		return object
	}}
}

// join takes the output of a branch that has ended.
func (r *run) join(b *Branch, output json.RawMessage) {
	p := b.parent
	s := r.m.states[p.State]
	if s.kind == mapState {
		r.record(b, Event{Type: "MapIterationSucceeded", State: s.name, Index: b.Number})
	}
	f := p.Fork
	f.Running = slices.DeleteFunc(f.Running, func(one *Branch) bool { return one == b })
	f.Results[b.Number] = output
	f.Left--
	if f.Left == 0 {
		p.Last = b.Last
		r.joined(p)
		return
	}
	if len(f.Items) == 0 {
		return
	}
	sc, failure := r.inputOf(p, s)
	if failure != nil {
		r.fail(p, failure)
		return
	}
	r.iterate(p, s, sc)
}

// joined ends a Parallel or Map whose results are complete.
func (r *run) joined(b *Branch) {
	s := r.m.states[b.State]
	results := make([]any, len(b.Fork.Results))
	for i, text := range b.Fork.Results {
		v, err := decode(text)
		if err != nil {
			r.fail(b, &Failure{Name: ErrorRuntime, Cause: "a branch's output is not JSON"})
			return
		}
		results[i] = v
	}
	b.Fork = nil
	r.record(b, Event{Type: s.kind + "StateSucceeded"})
	r.finish(b, s, results)
}
