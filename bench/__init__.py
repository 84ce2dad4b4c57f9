"""Benchmarks: one command each, printing its figure and, where it can, the ratio to a limit or a peer."""
