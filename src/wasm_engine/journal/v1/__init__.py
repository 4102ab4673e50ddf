"""Run files of version 1, which are read and replayed, and never written."""
