"""An SMB share, its folder and who may use it. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import re
import typing as t

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Call, Resource, Session, Step
from ...calls import windows
from ...calls.tsql import quote
from ...documents.host import Share
from ...rows import text
from ._shares import allowed

FILE_SHARE_SPEC: ArgumentSpec = {
    "name": {"type": "str", "required": True},
    "path": {"type": "str"},
    "access": {"type": "dict", "default": {}},
    "exact": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
RIGHTS = ("read", "change", "full")
_RANK = {right: place for place, right in enumerate(RIGHTS, start=1)}
_NAME = re.compile(r"[^\\/\[\]:|<>+=;,*?\"\x00-\x1f]{1,80}\$?")


class FileShareOptions(t.TypedDict):
    """``path``: the local folder. ``access``: account -> read, change or full. ``exact``: nobody
    else is let in.
    """

    name: str
    path: str | None
    access: dict[str, str]
    exact: bool
    state: str


class FileShareFacts(t.TypedDict):
    """``share`` None: there is none of that name."""

    share: Share | None


class FileShare(Resource[FileShareOptions, FileShareFacts]):
    """A share is made with its folder; its folder is never removed."""

    def __init__(self, options: FileShareOptions, host: str) -> None:
        self.options = options
        self.name = options["name"]
        self.path = options["path"] or ""
        self.scope = f"host/{host}/share/{self.name.lower()}"
        if not _NAME.fullmatch(self.name):
            raise Refused(f"{self.name!r} cannot be the name of a share.", code="bad_name")
        self.access = {
            quote.plain_name(account): str(right).lower()
            for account, right in options["access"].items()
        }
        if options["state"] == "present":
            self._require_path()
            self._require_rights()

    def _require_path(self) -> None:
        if not self.path or self.path.startswith("\\\\"):
            raise Refused(
                "path is needed: the local folder behind the share, like D:\\shares\\logs.",
                code="bad_path",
            )
        quote.path(self.path)

    def _require_rights(self) -> None:
        wrong = set(self.access.values()) - _RANK.keys()
        if wrong:
            raise Refused(
                f"access rights {sorted(wrong)} are unknown; use read, change or full.",
                code="bad_access",
            )

    def read(self, session: Session) -> FileShareFacts:
        shares, access = session.read(windows.share(self.name), windows.share_access(self.name))
        if not shares:
            return {"share": None}
        held = dict(sorted(allowed(access).items()))
        return {"share": {"path": text(shares[0], "Path"), "access": held}}

    def plan(self, current: FileShareFacts) -> list[Step[FileShareFacts]]:
        share = current["share"]
        if self.options["state"] == "absent":
            return [] if share is None else [self._remove()]
        steps: list[Step[FileShareFacts]] = []
        if share is None:
            let_in = dict(sorted(self.access.items()))
            share = {"path": self.path, "access": let_in or {"Everyone": "read"}}
            steps.append(self._create(share))
        self._require_same_path(share)
        for account, right in self.access.items():
            if _rank_of(account, share) < _RANK[right]:
                share = _with(share, account, right)
                steps.append(self._grant(share, account, right))
        for account in self._too_many(share):
            share = _without(share, account)
            steps.append(self._revoke(share, account))
        return steps

    def _require_same_path(self, share: Share) -> None:
        if _plain_path(share["path"]) != _plain_path(self.path):
            raise Refused(
                f"The share {self.name} leads to {share['path']}, not to {self.path}. Choose"
                " another name, or remove it first.",
                code="other_path",
                path=share["path"],
            )

    def _too_many(self, share: Share) -> list[str]:
        """Accounts that are let in and are not wanted."""
        if not self.options["exact"]:
            return []
        wanted = {account.lower() for account in self.access}
        return [account for account in share["access"] if account.lower() not in wanted]

    def _create(self, share: Share) -> Step[FileShareFacts]:
        folder = windows.new_folder(self.path)
        return self._step(
            "create_share",
            f"There is no share {self.name}.",
            share,
            folder,
            windows.new_share(self.name, self.path, self.access),
        )

    def _remove(self) -> Step[FileShareFacts]:
        why = f"The share {self.name} is not wanted; its folder stays."
        return self._step("remove_share", why, None, windows.remove_share(self.name))

    def _grant(self, share: Share, account: str, right: str) -> Step[FileShareFacts]:
        why = f"{account} needs {right} on {self.name}."
        return self._step(
            "grant_access", why, share, windows.grant_access(self.name, account, right)
        )

    def _revoke(self, share: Share, account: str) -> Step[FileShareFacts]:
        why = f"{account} is not to use {self.name}."
        return self._step("revoke_access", why, share, windows.revoke_access(self.name, account))

    @staticmethod
    def _step(name: str, why: str, share: Share | None, *calls: Call) -> Step[FileShareFacts]:
        return Step(name=name, why=why, sets={"share": share}, calls=calls)


def _plain_path(path: str) -> str:
    return path.lower().rstrip("\\")


def _rank_of(account: str, share: Share) -> int:
    """0 for who is not let in, or by rights that are none of ours."""
    for held, right in share["access"].items():
        if held.lower() == account.lower():
            return _RANK.get(right, 0)
    return 0


def _with(share: Share, account: str, right: str) -> Share:
    others = _without(share, account)["access"]
    return {"path": share["path"], "access": dict(sorted({**others, account: right}.items()))}


def _without(share: Share, account: str) -> Share:
    kept = {
        held: right for held, right in share["access"].items() if held.lower() != account.lower()
    }
    return {"path": share["path"], "access": kept}
