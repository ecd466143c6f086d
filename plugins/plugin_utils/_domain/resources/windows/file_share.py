"""An SMB share, its folder and who may use it. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import re

from ...._engine.errors import Refused
from ...._engine.model import Resource, Session, State, Step
from ...calls import windows
from ...calls.tsql import quote

FILE_SHARE_SPEC: State = {
    "name": {"type": "str", "required": True},
    "path": {"type": "str"},
    "access": {"type": "dict", "default": {}},
    "exact": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
RIGHTS = ("read", "change", "full")
_RANK = {right: place for place, right in enumerate(RIGHTS, start=1)}


class FileShare(Resource[State, State]):
    """State: share {path, access {account: read|change|full}}|None."""

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = f"host/{host}/share/{options['name'].lower()}"
        if not re.fullmatch(r"[^\\/\[\]:|<>+=;,*?\"\x00-\x1f]{1,80}\$?", options["name"]):
            raise Refused(f"{options['name']!r} cannot be the name of a share.", code="bad_name")
        self.access = {quote.plain_name(a): str(r).lower() for a, r in options["access"].items()}
        if options["state"] == "present":
            if not options["path"] or options["path"].startswith("\\\\"):
                raise Refused(
                    "path is needed: the local folder behind the share, like D:\\shares\\logs.",
                    code="bad_path",
                )
            quote.path(options["path"])
            wrong = {r for r in self.access.values() if r not in _RANK}
            if wrong:
                raise Refused(
                    f"access rights {sorted(wrong)} are unknown; use read, change or full.",
                    code="bad_access",
                )

    def read(self, session: Session) -> State:
        name = self.options["name"]
        shares, access = session.read(windows.share(name), windows.share_access(name))
        if not shares:
            return {"share": None}
        held = {
            str(a["AccountName"]): str(a["AccessRight"]).lower()
            for a in access
            if str(a.get("AccessControlType", "Allow")) == "Allow"
        }
        return {"share": {"path": shares[0]["Path"], "access": dict(sorted(held.items()))}}

    def plan(self, current: State) -> list[Step[State]]:
        name = self.options["name"]
        share = current["share"]
        if self.options["state"] == "absent":
            return (
                []
                if share is None
                else [
                    Step(
                        name="remove_share",
                        why=f"The share {name} is not wanted; its folder stays.",
                        sets={"share": None},
                        calls=(windows.remove_share(name),),
                    )
                ]
            )
        steps: list[Step[State]] = []
        if share is None:
            share = {"path": self.options["path"], "access": {"Everyone": "read"}}
            steps.append(
                Step(
                    name="create_share",
                    why=f"There is no share {name}.",
                    sets={"share": share},
                    calls=(
                        windows.new_folder(self.options["path"]),
                        windows.new_share(name, self.options["path"]),
                    ),
                )
            )
        elif share["path"].lower().rstrip("\\") != self.options["path"].lower().rstrip("\\"):
            raise Refused(
                f"The share {name} leads to {share['path']}, not to {self.options['path']}. Choose"
                " another name, or remove it first.",
                code="other_path",
                path=share["path"],
            )
        held = {a.lower(): r for a, r in share["access"].items()}
        for account, right in self.access.items():
            if _RANK.get(held.get(account.lower(), ""), 0) < _RANK[right]:
                others = {a: r for a, r in share["access"].items() if a.lower() != account.lower()}
                share = {**share, "access": dict(sorted({**others, account: right}.items()))}
                steps.append(
                    Step(
                        name="grant_access",
                        why=f"{account} needs {right} on {name}.",
                        sets={"share": share},
                        calls=(windows.grant_access(name, account, right),),
                    )
                )
        if self.options["exact"]:
            for account in [
                a for a in share["access"] if a.lower() not in {w.lower() for w in self.access}
            ]:
                share = {
                    **share,
                    "access": {a: r for a, r in share["access"].items() if a != account},
                }
                steps.append(
                    Step(
                        name="revoke_access",
                        why=f"{account} is not to use {name}.",
                        sets={"share": share},
                        calls=(windows.revoke_access(name, account),),
                    )
                )
        return steps
