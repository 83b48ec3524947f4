"""Benchmarks: each prints its figures and the limit they are held against, from one run."""
