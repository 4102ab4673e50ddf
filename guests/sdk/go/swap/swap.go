// Package swap is for swapping what a kind of agent runs, where the manifest grants `swap:KIND`.
package swap

// To: from the next step on agents of a kind run an alternative, or `source`; how many go over at
// once. What ran before comes back by itself if one of the next three messages fails.
func To(kind, to string) (uint32, error) { return abiSwap(kind, to, nil) }

// Keeping is To with a trial of as many messages; 0 for none.
func Keeping(kind, to string, keepOld uint32) (uint32, error) {
	return abiSwap(kind, to, &keepOld)
}

// Running is what agents of a kind run.
func Running(kind string) (Standing, error) { return abiRunning(kind) }
