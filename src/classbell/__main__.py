"""`python -m classbell` is the `classbell` command."""

from classbell.cli import main

main()
