"""Lets `python -m portal.cli` do what the console script does."""

import sys

from portal.cli.main import main

sys.exit(main())
