"""Prints what an operator would have defined in Topology Builder for an estate.

python -m pchat_lab.estate.wanted_topology default
"""

from __future__ import annotations

import sys

from .build import build


def main() -> None:
    """The topology document of the estate that is named, or of the default one."""
    estate = sys.argv[1] if len(sys.argv) > 1 else "default"
    print(build(estate).lync.wanted_document())


if __name__ == "__main__":
    main()
