"""./run molecule [NAME]: molecule scenarios, one fresh lab each, one after the other."""
from __future__ import annotations

import pathlib
import subprocess
import sys

from . import labs

SCENARIOS = labs.ROOT / "extensions" / "molecule"


def main() -> int:
    wanted = sys.argv[1:] or sorted(p.parent.name for p in SCENARIOS.glob("*/molecule.yml"))
    molecule = str(pathlib.Path(sys.executable).parent / "molecule")
    failed = [name for name in wanted
              if subprocess.run([molecule, "test", "-s", name], cwd=labs.ROOT, stdin=subprocess.DEVNULL, check=False,
                                env=labs.play_environment()).returncode]
    print(f"{len(wanted) - len(failed)} passed, {len(failed)} failed" + (f" ({', '.join(failed)})" if failed else ""))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
