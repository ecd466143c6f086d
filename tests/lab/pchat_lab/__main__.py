"""python -m pchat_lab: the command chatlab."""

import sys

from .control.cli import main

sys.exit(main())
