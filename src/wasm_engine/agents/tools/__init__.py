"""Tools: functions of components that agents call, by JSON or by a typed import."""
