# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a playbook a run was told to carry out, and whether that is a whole.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses

#: What --tags has when nobody gives it.
EVERYTHING = "all"


@dataclasses.dataclass(frozen=True)
class Chosen:
    """As the command line has it. ``tags``: ``("all",)`` without --tags.

    ``skipped``: of --skip-tags. ``start``: the task of --start-at-task, or nothing.
    """

    tags: tuple[str, ...] = (EVERYTHING,)
    skipped: tuple[str, ...] = ()
    start: str = ""
    step: bool = False


def refusal(chosen: Chosen, parts: tuple[str, ...]) -> str:
    """A sentence, or nothing when the run is a whole, or made of ``parts`` of the playbook."""
    if chosen.start:
        return (
            f"--start-at-task {chosen.start!r} leaves out the tasks that look at the estate, on"
            " which every later one depends, so nothing is done. Run it without: what is right"
            " already is left alone, and a run that was killed goes on where the estate stands."
        )
    if chosen.step:
        return (
            "--step lets single tasks be left out, and the moves of a plan depend on one another,"
            " so nothing is done. See the plan with --check; what cannot be taken back is asked"
            " for anyway."
        )
    strange = [tag for tag in chosen.tags if tag not in (EVERYTHING, *parts)]
    if strange:
        return f"--tags {','.join(strange)} {_names_no_part(parts)}"
    strange = [tag for tag in chosen.skipped if tag not in parts]
    if strange:
        return f"--skip-tags {','.join(strange)} {_names_no_part(parts)}"
    return ""


def _names_no_part(parts: tuple[str, ...]) -> str:
    if parts:
        return (
            "names no part of this playbook, so nothing is done. Its parts are"
            f" {', '.join(parts)}; the looks before them and the status after them always run."
        )
    return (
        "would leave out tasks of this playbook, which is a whole, so nothing is done. Run it"
        " without this option."
    )
