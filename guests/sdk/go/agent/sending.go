package agent

import "time"

// An Option is of a message that goes out.
type Option func(*Options)

// WithHeader adds a header.
func WithHeader(name, value string) Option {
	return func(to *Options) { to.Headers = append(to.Headers, [2]string{name, value}) }
}

// WithTimeout is the span of world time after which a request ends with `timeout`.
func WithTimeout(span time.Duration) Option {
	return func(to *Options) { to.Timeout = nanoseconds(span) }
}

func nanoseconds(span time.Duration) *uint64 {
	number := uint64(max(span, 0))
	return &number
}

func chosen(options []Option) (made Options) {
	for _, option := range options {
		option(&made)
	}
	return made
}

// Send sends a message. Nothing leaves before the segment ends well: at the next wait, or the end.
func Send(to, topic string, body Body, options ...Option) error {
	return messagingSend(to, topic, body, chosen(options))
}

// Publish sends to every agent subscribed to the topic, but this one.
func Publish(topic string, body Body, options ...Option) error {
	return messagingPublish(topic, body, chosen(options))
}

// Ask sends and waits for the reply. The agent is suspended; the world goes on.
func Ask(to, topic string, body Body, options ...Option) (Body, error) {
	return messagingAsk(to, topic, body, chosen(options))
}

// ReplyTo answers a request that was deferred.
func ReplyTo(request uint64, body Body) error { return messagingReplyTo(request, body) }

// Schedule sends to oneself after a span of world time; the number cancels it.
func Schedule(after time.Duration, topic string, body Body) (uint64, error) {
	return messagingSchedule(*nanoseconds(after), topic, body)
}

// Cancel cancels what was scheduled; whether it had not happened yet.
func Cancel(number uint64) bool { return messagingCancel(number) }

// A Request was started: several run at once. WaitAny waits for the first, Wait for one.
type Request uint64

// Start sends a request, and goes on.
func Start(to, topic string, body Body, options ...Option) (Request, error) {
	number, err := messagingStart(to, topic, body, chosen(options))
	return Request(number), err
}

// WaitAny waits until one of them has ended, and says which. Ties go by their order.
func WaitAny(requests ...Request) (Request, error) {
	numbers := make([]uint64, len(requests))
	for n, request := range requests {
		numbers[n] = uint64(request)
	}
	number, err := messagingWaitAny(numbers)
	return Request(number), err
}

// Wait waits until it has ended, and takes its reply.
func (r Request) Wait() (Body, error) {
	if _, err := WaitAny(r); err != nil {
		return Body{}, err
	}
	return r.Take()
}

// Take is the reply of one that has ended. Each can be taken once.
func (r Request) Take() (Body, error) { return messagingTake(uint64(r)) }

// Cancel says that nobody waits for it any more.
func (r Request) Cancel() { messagingCancelRequest(uint64(r)) }

// A Pending was started, and has an answer of its own kind. WaitAny waits for its Request.
type Pending[T any] struct {
	Request
	take func(uint64) (T, error)
}

// NewPending is for kits of what can be started: what `wait-any` waits for, and what takes the answer.
func NewPending[T any](number uint64, take func(uint64) (T, error)) Pending[T] {
	return Pending[T]{Request(number), take}
}

// Wait waits until it has ended, and takes its answer.
func (p Pending[T]) Wait() (answer T, err error) {
	if _, err = WaitAny(p.Request); err != nil {
		return answer, err
	}
	return p.Take()
}

// Take is the answer of one that has ended. Each can be taken once.
func (p Pending[T]) Take() (T, error) { return p.take(uint64(p.Request)) }
