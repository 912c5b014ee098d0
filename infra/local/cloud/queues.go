package cloud

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"beian/infra/local/cloudformation"
	"beian/infra/local/trail"
)

// A Queue is a queue of SQS.
type Queue struct {
	QueueName              string
	MessageRetentionPeriod int // seconds
	SqsManagedSseEnabled   bool
	Tags                   []tag

	post *post
}

// A post is what was sent to a queue and not taken out: nothing here takes them.
type post struct {
	mu  sync.Mutex
	all []string
}

func (a *Account) queueHandler() cloudformation.Handler {
	base := func() string { return a.endpoint + "/" + trail.Account + "/" }
	name := func(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
	return handler(&a.made.queues, maker[Queue]{
		createOnly: []string{"QueueName"},
		name: func(r cloudformation.Request, q Queue) string {
			if q.QueueName != "" {
				return base() + q.QueueName
			}
			return base() + r.Name(80)
		},
		key: func(id string, _ Queue) string { return name(id) },
		attributes: func(id string, _ Queue) map[string]any {
			return map[string]any{"Arn": a.arn("sqs", name(id)), "QueueName": name(id), "QueueUrl": id}
		},
		create: func(_ context.Context, _ string, q *Queue) error {
			q.post = &post{}
			return nil
		},
		update: func(_ context.Context, _ string, old Queue, q *Queue) error {
			q.post = old.post
			return nil
		},
	})
}

// put sends a text to a queue by its ARN.
func (a *Account) put(arn, text string) {
	if q, is := a.made.queues.get(strings.TrimPrefix(arn, a.arn("sqs", ""))); is {
		q.post.mu.Lock()
		defer q.post.mu.Unlock()
		q.post.all = append(q.post.all, text)
	}
}

// Letters are the texts that were sent to a queue by its name, oldest first.
func (a *Account) Letters(queue string) []string {
	q, is := a.made.queues.get(queue)
	if !is {
		return nil
	}
	q.post.mu.Lock()
	defer q.post.mu.Unlock()
	return slices.Clone(q.post.all)
}

func (a *Account) checkQueue(arn string) error {
	if _, is := a.made.queues.get(strings.TrimPrefix(arn, a.arn("sqs", ""))); !is {
		return fmt.Errorf("the queue %s does not exist", arn)
	}
	return nil
}

type queuePolicy struct {
	PolicyDocument document
	Queues         []string
}

func (a *Account) queuePolicyHandler() cloudformation.Handler {
	return handler(&a.made.queuePolicies, maker[queuePolicy]{
		name:       func(r cloudformation.Request, _ queuePolicy) string { return r.Name(80) },
		attributes: func(id string, _ queuePolicy) map[string]any { return map[string]any{"Id": id} },
		check: func(p queuePolicy) error {
			for _, id := range p.Queues {
				if err := a.checkQueue(a.arn("sqs", id[strings.LastIndexByte(id, '/')+1:])); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

// A Topic is a topic of SNS.
type Topic struct {
	TopicName, DisplayName string
	Tags                   []tag
}

func (a *Account) topicHandler() cloudformation.Handler {
	return handler(&a.made.topics, maker[Topic]{
		createOnly: []string{"TopicName"},
		name: func(r cloudformation.Request, t Topic) string {
			if t.TopicName != "" {
				return a.arn("sns", t.TopicName)
			}
			return a.arn("sns", r.Name(256))
		},
		attributes: func(id string, _ Topic) map[string]any {
			return map[string]any{"TopicArn": id, "TopicName": id[strings.LastIndexByte(id, ':')+1:]}
		},
	})
}

type topicPolicy struct {
	PolicyDocument document
	Topics         []string
}

func (a *Account) topicPolicyHandler() cloudformation.Handler {
	return handler(&a.made.topicPolicies, maker[topicPolicy]{
		name:       func(r cloudformation.Request, _ topicPolicy) string { return r.Name(80) },
		attributes: func(id string, _ topicPolicy) map[string]any { return map[string]any{"Id": id} },
		check: func(p topicPolicy) error {
			for _, id := range p.Topics {
				if _, is := a.made.topics.get(id); !is {
					return fmt.Errorf("the topic %s does not exist", id)
				}
			}
			return nil
		},
	})
}
