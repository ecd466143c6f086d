"""Status documents to draw: the sample ones, a large one, and some whose names are odd."""

from __future__ import annotations

import copy
import json

from dev.documents.status_page import Document, document

SAMPLES = ("healthy", "outage", "failed_over", "split")
#: Names that a host may have: wide letters, other scripts, the longest that NetBIOS has.
LONG = ("WWWWWWWWWWWWWWW", "mmmmmmmmmmmmmmm", "сервер-баз-данных", "数据库服务器名称很长", "i" * 15)


def large() -> Document:
    """Eight chat servers in each site, names that are long, a third database."""
    seen = document("healthy")
    for number in range(5, 9):
        for site, letter in (("primary", "n"), ("backup", "s")):
            name = f"persistentchat-{letter}{number}.contoso.example"
            seen["hosts"][name] = {**seen["hosts"][f"chat-{letter}1.contoso.example"], "site": site}
            seen["servers"][name] = {
                **seen["servers"][f"chat-{letter}1.contoso.example"],
                "site": site,
            }
    seen["databases"]["mgc_of_the_branch_offices"] = copy.deepcopy(seen["databases"]["mgccomp"])
    return renamed("sqlserver-with-a-long-name-n2", seen)


def renamed(name: str, seen: Document | None = None) -> Document:
    """The split sample, whose words are the longest, with hosts of this name."""
    text = json.dumps(seen or document("split"), ensure_ascii=False)
    for old in ("sql-n2",) if seen else ("sql-n1", "sql-n2", "chat-n1", "fe-n1", "sql-s1"):
        text = (
            text.replace(f"{old}.", f"{name}.")
            if seen
            else text.replace(f"{old}.", f"{name}-{old}.")
        )
    found: Document = json.loads(text)
    return found
