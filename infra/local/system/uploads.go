package system

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"beian/functions/inspectupload"
	"beian/infra/local/ticker"
	"beian/shared/process/inspection"
	"beian/shared/rules/evidence"
)

// uploadDelay is the time from an upload to the call of its function. On AWS it is about as long.
const uploadDelay = time.Second

// uploadEvents are the events of large uploads, like those that a rule of EventBridge selects on AWS. A restart loses them.
type uploadEvents struct {
	loop *ticker.Loop

	mu   sync.Mutex
	keys []evidence.Key
}

// add queues the event of an object if it is a large upload.
func (u *uploadEvents) add(bucket, key string, size int64) {
	if bucket != Uploads || !inspection.Early(int(size)) {
		return
	}
	u.mu.Lock()
	u.keys = append(u.keys, evidence.Key(key))
	u.mu.Unlock()
	u.loop.Request()
}

// take removes the latest event. A request that accepts several uploads begins with the first, so the two do not inspect the same one.
func (u *uploadEvents) take() (key evidence.Key, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := len(u.keys) - 1
	if last < 0 {
		return "", false
	}
	key, u.keys = u.keys[last], u.keys[:last]
	return key, true
}

// inspectUploads calls the function inspectupload for each queued event.
func (s *System) inspectUploads(ctx context.Context) {
	for key, ok := s.uploads.take(); ok && ctx.Err() == nil; key, ok = s.uploads.take() {
		input, err := json.Marshal(inspectupload.Input{Key: key})
		if err == nil {
			_, err = s.Functions.Invoke(ctx, "inspectupload", input)
		}
		if err != nil && ctx.Err() == nil {
			s.Parts.Log.Error("an upload was not inspected", "cause", err.Error())
		}
	}
}
