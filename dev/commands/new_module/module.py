"""What a new module is called, where its files stand and what is in them at first."""

from __future__ import annotations

import dataclasses
import keyword
import pathlib
import re
import string

import yaml

#: Stands wherever only the author knows what to write; tests refuse it.
FILL_IN = "FILL IN"
#: Room of the domain -> (a module to look at beside the new one, a host that an example delegates
#: to).
ROOMS = {
    "lync": ("pool_info", "fe-n1.contoso.example"),
    "sqlserver": ("sql_info", "sql-n1.contoso.example"),
    "windows": ("host_info", "fe-n1.contoso.example"),
}
TEMPLATES = pathlib.Path(__file__).parent

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_GROUP = re.compile(r"(?<=^  persistent_chat:\n)(?:    - \w+\n)+", re.MULTILINE)


class Refused(Exception):
    """A sentence: what was given, why it will not do, and what would."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewModule:
    """A module that is to be. ``root``: the checkout. ``room``: one of ROOMS.

    Raises Refused when the name is none, or is taken.
    """

    root: pathlib.Path
    name: str
    room: str

    def __post_init__(self) -> None:
        self._refuse_bad_name()
        self._refuse_taken_name()

    def files(self) -> dict[pathlib.Path, str]:
        """Path under the checkout -> its text; among them the runtime file, with the name added."""
        texts = {path: self._filled(template) for path, template in self._templates().items()}
        texts[_RUNTIME] = self._runtime()
        return texts

    def write(self) -> list[pathlib.Path]:
        """Write the files; their paths under the checkout, in the order of the guide's steps."""
        texts = self.files()
        for path, text in texts.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return list(texts)

    def _refuse_bad_name(self) -> None:
        if not _NAME.fullmatch(self.name) or keyword.iskeyword(self.name):
            raise Refused(
                f"{self.name!r} cannot be the name of a module: it becomes a file, a Python module"
                " and a word in playbooks. Give lower-case words with single underscores between"
                " them, for example chat_category."
            )

    def _refuse_taken_name(self) -> None:
        for folder in ("plugins/modules", "plugins/action", "plugins/plugin_utils/_domain"):
            for path in sorted((self.root / folder).rglob(f"{self.name}.py")):
                if _CALLS not in path.relative_to(self.root).parents:
                    raise Refused(
                        f"{self.name} is taken by {path.relative_to(self.root)}, and a module's"
                        " name is the address of one file. Give another name, or change that one."
                    )

    def _templates(self) -> dict[pathlib.Path, str]:
        """Path of each new file -> its template, in the order of the steps."""
        file = f"{self.name}.py"
        return {
            _DOMAIN / "resources" / self.room / file: "resource",
            _TESTS / self.room / f"test_{file}": "test",
            _PLUGINS / "action" / file: "action",
            _PLUGINS / "modules" / file: "module",
        }

    def _filled(self, template: str) -> str:
        text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
        neighbour, host = ROOMS[self.room]
        words = self.name.split("_")
        return string.Template(text).substitute(
            shebang="#!/usr/bin/python",  # in a template it would make a program of it
            name=self.name,
            class_name="".join(word.capitalize() for word in words),
            constant=self.name.upper(),
            room=self.room,
            long="" if self.room == "lync" else "  # noqa: E501",
            version=self._next_version(),
            neighbour=neighbour,
            host=host,
            fill=FILL_IN,
        )

    def _next_version(self) -> str:
        """The minor version after that of the last release: a module is never new in a bugfix."""
        galaxy = yaml.safe_load((self.root / "galaxy.yml").read_text(encoding="utf-8"))
        major, minor, _patch = str(galaxy["version"]).split(".")
        return f"{major}.{int(minor) + 1}.0"

    def _runtime(self) -> str:
        """meta/runtime.yml with the name in its place in the action group."""
        text = (self.root / _RUNTIME).read_text(encoding="utf-8")
        group = _GROUP.search(text)
        if group is None:
            raise Refused(
                f"{_RUNTIME} has no action group persistent_chat that lists modules line by line,"
                " so the new one has no place there. Restore it from the last commit."
            )
        lines = sorted({*group[0].splitlines(keepends=True), f"    - {self.name}\n"})
        return text[: group.start()] + "".join(lines) + text[group.end() :]


_PLUGINS = pathlib.Path("plugins")
_DOMAIN = _PLUGINS / "plugin_utils" / "_domain"
_CALLS = _DOMAIN / "calls"
_TESTS = pathlib.Path("tests", "unit", "domain", "resources")
_RUNTIME = pathlib.Path("meta", "runtime.yml")
