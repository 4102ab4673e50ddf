package agent

import "time"

// Address is the agent's address.
func Address() string { return contextSelfAddress() }

// World is the world's name.
func World() string { return contextWorldName() }

// Step is the number of the step.
func Step() uint64 { return contextStep() }

// Now is world time since the Unix epoch. Each reading within an activation adds a tick.
func Now() time.Duration { return time.Duration(contextNow()) }

// Random is deterministic entropy, different for every agent, activation and attempt.
func Random() uint64 { return contextRandom() }

// Config is the agent's configuration, as JSON; in Init, the kind's.
func Config() string { return contextConfig() }

// Spawn makes a new agent of a kind, `kind/key`; an empty configuration means the kind's own.
func Spawn(kind, key, config string) (string, error) { return agentsSpawn(kind, key, config) }

// Stop ends an agent.
func Stop(agent string) error { return agentsStop(agent) }

// Watch: what becomes of an agent arrives as a message on topic `exit`.
func Watch(agent string) error { return agentsWatch(agent) }

// AvailableTools are the tools that this agent was granted.
func AvailableTools() []Tool { return toolsAvailable() }

// CallTool calls a tool; arguments and result are JSON that fits its schemas.
func CallTool(name, arguments string) (string, error) { return toolsCall(name, arguments) }

// Debug writes to the agent's log, for whoever looks for a mistake.
func Debug(text string) { logWrite(LevelDebug, text) }

// Info writes what happens.
func Info(text string) { logWrite(LevelInfo, text) }

// Warning writes what should not happen.
func Warning(text string) { logWrite(LevelWarning, text) }

// Error writes what must not happen.
func Error(text string) { logWrite(LevelError, text) }

// Fetch asks a server that this agent was granted, and waits. A response of whatever status is one.
func Fetch(request HTTPRequest) (HTTPResponse, error) { return httpFetch(request) }

// StartFetch asks a server and goes on; WaitAny waits for it, TakeFetched takes the response.
func StartFetch(request HTTPRequest) (Request, error) {
	number, err := httpStart(request)
	return Request(number), err
}

// TakeFetched is the response of one that has ended. Each can be taken once.
func TakeFetched(request Request) (HTTPResponse, error) { return httpTake(uint64(request)) }
