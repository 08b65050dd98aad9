"""`python -m countwell`."""

from countwell.cli import main

main()
