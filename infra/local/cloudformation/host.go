package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Config says where the stacks are and what makes their resources.
type Config struct {
	Region, Account string
	Handlers        map[string]Handler // by type, such as AWS::S3::Bucket
	// Object reads a template that is given by its URL in S3.
	Object func(ctx context.Context, url string) ([]byte, error)
	// LookUp answers dynamic references and parameters of Systems Manager; see [Inputs].
	LookUp func(service, key string) (string, error)
	Now    func() time.Time // nil is time.Now
	Log    *slog.Logger     // nil is silent
}

// A Handler makes the resources of one type. Its errors are shown as the reason why a resource failed, so they say how
// to mend it and hold no secrets. A nil Update means that every change of a property needs a new resource.
type Handler struct {
	// CreateOnly are the properties whose change needs a new resource.
	CreateOnly []string
	Create     func(context.Context, Request) (Physical, error)
	Update     func(context.Context, Request) (Physical, error)
	Delete     func(context.Context, Request) error
}

// A Request is about one resource.
type Request struct {
	StackID, StackName, LogicalID string
	// Properties are what is wanted, everything resolved. For Delete they are what was made, dynamic references unresolved.
	Properties map[string]any
	// Physical is what there is. For Create it is zero.
	Physical Physical
}

// Name is a name for a new resource that has none of its own, of at most longest characters:
// stack-resource-1A2B3C4D5E6F.
func (r Request) Name(longest int) string {
	suffix := "-" + strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", "")[:12])
	name := r.StackName + "-" + r.LogicalID
	return name[:min(len(name), longest-len(suffix))] + suffix
}

// A Host is CloudFormation in one region of one account. As an [http.Handler] it answers the API.
type Host struct {
	config Config
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	stacks []*stack // also the deleted ones, which can be asked for by their id
}

// New returns a host without stacks.
func New(c Config) (*Host, error) {
	if c.Region == "" || c.Account == "" {
		return nil, errors.New("cloudformation: Region and Account are needed")
	}
	for name, h := range c.Handlers {
		if h.Create == nil || h.Delete == nil {
			return nil, fmt.Errorf("cloudformation: the handler of %s lacks Create or Delete", name)
		}
	}
	if c.Object == nil {
		c.Object = func(context.Context, string) ([]byte, error) { return nil, errors.New("there is no S3 here") }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Host{config: c, ctx: ctx, cancel: cancel}, nil
}

// Close ends what is under way after the resource that is at work, and waits for it.
func (h *Host) Close() error {
	h.cancel()
	h.work.Wait()
	return nil
}

// operations are what the host answers.
func (h *Host) operations() map[string]func(context.Context, url.Values) (any, error) {
	return map[string]func(context.Context, url.Values) (any, error){
		"CreateChangeSet":             operation(h.createChangeSet),
		"DescribeChangeSet":           operation(h.describeChangeSet),
		"ListChangeSets":              operation(h.listChangeSets),
		"DeleteChangeSet":             operation(h.deleteChangeSet),
		"ExecuteChangeSet":            operation(h.executeChangeSet),
		"RollbackStack":               operation(h.rollbackStack),
		"DeleteStack":                 operation(h.deleteStack),
		"UpdateTerminationProtection": operation(h.updateTerminationProtection),
		"DescribeStacks":              operation(h.describeStacks),
		"DescribeStackEvents":         operation(h.describeStackEvents),
		"DescribeStackResources":      operation(h.describeStackResources),
		"ListStackResources":          operation(h.listStackResources),
		"ListStacks":                  operation(h.listStacks),
		"ListExports":                 operation(h.listExports),
		"GetTemplate":                 operation(h.getTemplate),
		"GetTemplateSummary":          operation(h.getTemplateSummary),
	}
}
