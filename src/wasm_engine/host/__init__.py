"""L0: the only code that touches the machine: disk, locks, clock, entropy."""
