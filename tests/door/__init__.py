"""The open door: what is shown to everybody, and nothing else."""
