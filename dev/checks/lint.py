"""ansible-lint as it is, without what it does over and over.

It starts ansible-playbook for each playbook and role, and again for each import of one, to have the
syntax checked: a hundred and thirty times, a processor second each. Here a fork of a process that
has imported Ansible answers. And it makes a regular expression of each of its globs anew for each
path; here a glob is made into one once.
"""

from __future__ import annotations

import functools
import importlib
import pathlib
import runpy
import subprocess
import sys
import typing as t

from support.warm_ansible import WarmAnsible

ASKED = ["ansible-playbook", "--syntax-check"]
TIMEOUT = 120.0


class SyntaxChecks:
    """Stands for ``subprocess.run`` where that is asked for a syntax check.

    ``otherwise``: what is asked for everything else.
    """

    def __init__(self, otherwise: t.Callable[..., t.Any]) -> None:
        self._otherwise = otherwise
        self._started: dict[frozenset[tuple[str, str]], WarmAnsible] = {}

    def run(
        self,
        command: t.Any,
        *arguments: t.Any,
        env: t.Mapping[str, str] | None = None,
        cwd: str | pathlib.Path | None = None,
        **how: t.Any,
    ) -> t.Any:
        """What ``subprocess.run`` gives for this command."""
        if not isinstance(command, list) or command[:2] != ASKED or env is None:
            return self._otherwise(command, *arguments, env=env, cwd=cwd, **how)
        folder = pathlib.Path(cwd or ".").absolute()
        warm = self._with_environment(env)
        printed = warm.run(command[1:], {}, TIMEOUT, apart=True, folder=folder)
        return subprocess.CompletedProcess(command, printed.rc, printed.output, printed.errors)

    def stop(self) -> None:
        """End the processes that answered."""
        for warm in self._started.values():
            warm.stop()

    def _with_environment(self, environment: t.Mapping[str, str]) -> WarmAnsible:
        """Ansible reads its environment when it is imported: a process for each."""
        which = frozenset(environment.items())
        if which not in self._started:
            self._started[which] = WarmAnsible(environment)
        return self._started[which]


def main() -> None:
    """The command line is ansible-lint's, and so is the exit code."""
    globs: t.Any = importlib.import_module("wcmatch._wcparse")
    globs.compile = functools.cache(globs.compile)
    checks = SyntaxChecks(subprocess.run)
    patched: t.Any = subprocess
    patched.run = checks.run
    sys.argv[0] = "ansible-lint"
    try:
        runpy.run_module("ansiblelint", run_name="__main__", alter_sys=True)
    finally:
        checks.stop()


if __name__ == "__main__":
    main()
