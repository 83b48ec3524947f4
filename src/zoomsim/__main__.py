"""`python -m zoomsim` is the `zoomsim` command."""

from zoomsim.cli import main

if __name__ == "__main__":
    main()
