"""`python -m concord.cli`: the command where no script is installed."""

from concord.cli.main import main

main()
