"""How long nobody can write: what a plan says of it beforehand, and what a run measured.

FOR INTERNAL COLLECTION USE ONLY.

From the move that keeps clients out, or from the first move where nobody could write before it (a
lost site), to the end of the move that lets them in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ..documents.plan import DoneMove, UnwritableDocument
from .copies import Copy
from .estate import Estate
from .moves import Move

CLOSES = "fence"
OPENS = "set_active_servers"
#: Each makes the other partner the principal, to which servers and clients connect by themselves.
SWITCHES = frozenset({"switch_principal", "force_service"})
#: What may last, in the words of a sentence.
_LASTING = {
    "back_up_tail": "the tail of the log",
    "copy_logs": "the copying of log backups",
    "restore_logs": "the restore of log backups",
    "restore_tail": "the restore of that tail",
    "back_up_database": "a full backup",
    "keep_old_copy": "a full backup of the old copy",
    "restore_on_primary": "the restore of that full backup",
    "mirror_backup": "the seeding of the mirror",
    "mirror_to_backup": "the seeding of the backup SQL Server",
    "mirror_primary": "the seeding of the mirror",
    "mirror_to_primary": "the seeding of the mirror",
    "fail_over_cms": "the move of the central management store",
}


def forecast(moves: Sequence[Move], estate: Estate) -> str:
    """What these moves mean for clients; with the size of the tail where that was measured."""
    return _meaning(moves, estate.writable) + _tail_of(moves, estate)


def _meaning(moves: Sequence[Move], writable: bool) -> str:
    """``writable``: whether clients can write before the first move."""
    ends = _last_number(moves, OPENS)
    begins = _first_number(moves, CLOSES) if writable else 0
    if ends is not None and begins is not None:
        since = f"from move {begins} ({CLOSES}) on" if begins else "now, and"
        return (
            f"Nobody can write {since} until move {ends} ({OPENS}) is done;"
            f" {_between(moves[begins:ends])}.{_switched_besides(moves, begins, ends)}"
        )
    switches = _switches(moves)
    if switches:
        first = switches[0]
        return (
            f"Nobody can write while move {first} ({moves[first - 1].name}) changes the roles; how"
            " long SQL Server takes for that is not known beforehand."
        )
    return "Clients can write all the time." if writable else "Nobody can write, before and after."


def _switched_besides(moves: Sequence[Move], begins: int, ends: int) -> str:
    """Roles that change before clients are kept out, or when they are let in again."""
    numbers = [number for number in _switches(moves) if not begins <= number <= ends]
    if not numbers:
        return ""
    named = " and ".join(map(str, numbers))
    return f" Besides, nobody can write while move {named} changes the roles."


def _switches(moves: Sequence[Move]) -> list[int]:
    """Numbers of the moves by which the copy that clients use changes its role."""
    return [
        number
        for number, move in enumerate(moves, 1)
        if move.name in SWITCHES and move.args["database"] == "mgc"
    ]


def _tail_of(moves: Sequence[Move], estate: Estate) -> str:
    """How much is saved and applied while nobody can write; '' where no tail is, or nobody knows.

    A rate that a full backup had says how long it may take, and no more: it is another file on
    another disk.
    """
    for move in moves:
        if move.name == "back_up_tail":
            return _size_of_tail(_copy_on(move.host, estate))
    return ""


def _copy_on(host: str | None, estate: Estate) -> Copy | None:
    for copy in estate.copies.values():
        if copy.host == host:
            return copy
    return None


def _size_of_tail(copy: Copy | None) -> str:
    if copy is None or copy.log_mb is None:
        return ""
    text = f" The tail has {copy.log_mb} MB at most"
    if not copy.backup_mb_a_second:
        return f"{text}."
    seconds = max(1, round(2 * copy.log_mb / copy.backup_mb_a_second))
    return (
        f"{text}: to save and to apply it would take about {seconds} s at the"
        f" {copy.backup_mb_a_second} MB a second of the last full backup."
    )


def _last_number(moves: Sequence[Move], name: str) -> int | None:
    numbers = [number for number, move in enumerate(moves, 1) if move.name == name]
    return numbers[-1] if numbers else None


def _first_number(moves: Sequence[Move], name: str) -> int | None:
    numbers = [number for number, move in enumerate(moves, 1) if move.name == name]
    return numbers[0] if numbers else None


def _between(moves: Sequence[Move]) -> str:
    lasting = [_LASTING[move.name] for move in moves if move.name in _LASTING]
    if any(move.args.get("reseed") for move in moves):
        lasting.append("the seeding of the secondary")
    if not lasting:
        return "nothing that lasts lies between"
    named = ", ".join(dict.fromkeys(lasting))
    verb = "lie" if len(set(lasting)) > 1 else "lies"
    return f"in between {verb} {named}, and how long that takes is not known beforehand"


def measured(done: Sequence[DoneMove], writable: bool) -> UnwritableDocument | None:
    """How long nobody could write in a run that is through; None when they could all the time.

    ``done``: the moves that were carried out, in their order. ``writable``: as above.
    """
    ends = _last_done(done, {OPENS})
    if ends is None:
        switch = _last_done([move for move in done if move["database"] == "mgc"], SWITCHES)
        return None if switch is None else _window(switch, switch, switch["name"])
    before = done[: done.index(ends) + 1]
    if not writable:
        return _window(before[0], ends, "the first move of this run (nor before it)")
    closing = next((move for move in before if move["name"] == CLOSES), None)
    return None if closing is None else _window(closing, ends, CLOSES)


def _last_done(done: Sequence[DoneMove], names: frozenset[str] | set[str]) -> DoneMove | None:
    found = [move for move in done if move["name"] in names]
    return found[-1] if found else None


def _window(first: DoneMove, last: DoneMove, since: str) -> UnwritableDocument:
    seconds = round((_time(last["ended"]) - _time(first["began"])).total_seconds())
    return {
        "seconds": seconds,
        "began": first["began"],
        "ended": last["ended"],
        "sentence": f"Nobody could write for {seconds} s, from {since} to the end of"
        f" {last['name']}.",
    }


def _time(text: str) -> dt.datetime:
    """Without a zone: both ends are in UTC."""
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
