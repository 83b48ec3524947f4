"""What people would use instead, each run in its own environment beside Classbell: `bench_peers.py`."""
