"""Tests of paying for lessons."""
