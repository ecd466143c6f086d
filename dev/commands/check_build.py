"""./run check [INVENTORY]: what the build would do on the bare estate, by --check --diff, also
as files for review.

In a lab of its own.
"""

from __future__ import annotations

import subprocess
import sys

from support import labs

REVIEW = labs.ROOT / ".cache" / "review"


def main() -> int:
    estate, *rest = sys.argv[1:] or ["default"]
    with labs.running(estate) as lab:
        rc = subprocess.run(
            lab.command("site", "--check", "--diff", "-e", f"pchat_plan_folder={REVIEW}", *rest),
            cwd=labs.ROOT,
            env=labs.play_environment(for_people=True),
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
        writes = lab.chatlab("journal", "--writes")
        print(f"\nThe plan, and the T-SQL and cmdlets of each host: {REVIEW}")
        print(f"Writes that reached the estate: {len(writes)}")
    return rc or bool(writes)


if __name__ == "__main__":
    sys.exit(main())
