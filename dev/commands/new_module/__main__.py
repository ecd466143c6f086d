"""./run new module NAME: the files of a new module, as docs/adding_a_module.md counts them, for its
author to fill in.
"""

from __future__ import annotations

import argparse
import sys

from support.labs import ROOT

from .module import FILL_IN, ROOMS, NewModule, Refused

#: What no program can write, in the order of the guide.
LEFT = """\
Left for you, as docs/adding_a_module.md says:
  1. what the product documents; what it does not: docs/fidelity.md and
     _domain/fidelity/assumptions.py
  2. the calls, in plugins/plugin_utils/_domain/calls
  3. read() and plan(), and the sentences in the test
  5. wherever the documentation says {fill}; codes of refusals in docs/errors.md
  6. the lab, where it does not know a call
  7. the proof in tests/integration/test_modules.py
./run test says what is missing."""


def main() -> int:
    """2 when the name was refused; then nothing is written."""
    parser = argparse.ArgumentParser(prog="./run new", description=__doc__)
    kinds = parser.add_subparsers(metavar="KIND", required=True)
    module = kinds.add_parser("module", help="a module, with its action, resource and test")
    module.add_argument("name", metavar="NAME", help="lower-case words, as in chat_category")
    module.add_argument(
        "--room",
        choices=[*ROOMS],
        default="lync",
        help="what it belongs to: plugins/plugin_utils/_domain/resources/ROOM (default: lync)",
    )
    options = parser.parse_args()
    try:
        written = NewModule(root=ROOT, name=options.name, room=options.room).write()
    except Refused as refusal:
        print(f"new: {refusal}", file=sys.stderr)
        return 2
    for path in written:
        print(path)
    print("\n" + LEFT.format(fill=FILL_IN))
    return 0


if __name__ == "__main__":
    sys.exit(main())
