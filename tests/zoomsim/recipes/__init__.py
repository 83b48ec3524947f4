"""
Clients that others wrote for Zoom, as they are published, against the simulator.

    .venv/bin/python -m tests.zoomsim.recipes          # all; or some by name

Each is installed, with its pinned version, into a folder of its own below `.cache/recipes`, and told to do what its script
here says. The table at the end is that of docs/zoomsim.md. Needs the package indexes of Python and Node, so it is no test.
"""
