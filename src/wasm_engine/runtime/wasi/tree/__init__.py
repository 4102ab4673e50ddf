"""The files that one instance sees: nodes in memory, quotas, paths, mounts. Knows no guest."""
