"""./run play PLAYBOOK [--lab NAME] ...: any playbook of the collection against the running lab."""

from __future__ import annotations

import argparse
import os
import sys

from support import labs


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run play", description=__doc__)
    parser.add_argument("playbook")
    parser.add_argument(
        "--lab",
        default="default",
        help="name of the running lab, which is its inventory's name as well",
    )
    options, rest = parser.parse_known_args()
    lab = labs.Lab(options.lab, options.lab, labs.home())
    if not lab.connection_file.exists():
        print(
            f"No lab named {options.lab} is running. Start one: ./run lab {options.lab}",
            file=sys.stderr,
        )
        return 2
    command = lab.command(options.playbook, *rest)
    os.chdir(labs.ROOT)
    # Whoever ends this process ends the playbook.
    os.execve(command[0], command, labs.play_environment(for_people=True))


if __name__ == "__main__":
    sys.exit(main())
