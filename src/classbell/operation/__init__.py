"""How an installation is doing: what it counts, what its jobs come from, and what admins are told. docs/operation.md."""
