"""What went wrong, once: the same sentence of twenty hosts is one sentence and twenty names. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Iterator

from .told import Line, Told, texts

#: Actions that judge what is there: what they end with is no failure.
JUDGES = frozenset({"dr_plan", "preflight", "inventory_check", "estate_info", "pool_status"})
NO_ANSWER = "NO ANSWER"
IGNORED = " (the run goes on)"
_INDENT = "  "


def word_of(told: Told) -> str:
    """What a failed task is called."""
    return "REFUSED" if told.action in JUDGES else "FAILED"


class Failures:
    """Remembers what was said, and of which hosts."""

    def __init__(self) -> None:
        self._said: dict[str, set[str]] = {}
        self._same: dict[str, list[str]] = {}

    def tell(self, told: Told, word: str, ignored: bool) -> Iterator[Line]:
        """The failure in full, when nobody has said it yet."""
        sentence = "\n".join(_message(told))
        hosts = self._said.get(sentence)
        if hosts is None:
            self._said[sentence] = {told.where}
            yield from _in_full(told, word, ignored)
        elif told.where not in hosts:
            hosts.add(told.where)
            self._same.setdefault(sentence, []).append(told.where)

    def task_over(self) -> Iterator[Line]:
        """The other hosts with the same sentence, once a task is through."""
        for hosts in self._same.values():
            yield Line(f"{_INDENT}the same: {', '.join(hosts)}", "bad")
        self._same.clear()


def _in_full(told: Told, word: str, ignored: bool) -> Iterator[Line]:
    code = told.result.get("code")
    named = f" [{code}]" if code else ""
    ending = IGNORED if ignored else ""
    yield Line(f"{word} {told.where}: {told.task.rpartition(' : ')[2]}{named}{ending}", "bad")
    for line in _sentences(told):
        yield Line(_INDENT + line, "bad")
    yield from _half_way(told)


def _sentences(told: Told) -> list[str]:
    """The message; findings one a line."""
    if told.action != "preflight" or "findings" not in told.result:
        return _message(told)
    findings = told.result["findings"]
    return [f"{finding['host']}: {finding['text']}" for finding in findings]


def _message(told: Told) -> list[str]:
    result = told.result
    if "censored" in result:
        return [result["censored"]]
    said = texts(result.get("msg") or "no reason given; -v shows the whole result")
    return said + texts(result.get("stderr", ""))


def _half_way(told: Told) -> Iterator[Line]:
    result = told.result
    if "failed_step" not in result:
        return
    done = ", ".join(result.get("done", [])) or "none"
    left = ", ".join(result.get("pending", [])) or "none"
    failed = result["failed_step"]
    yield Line(f"{_INDENT}steps done: {done}; failed: {failed}; not begun: {left}", "bad")
