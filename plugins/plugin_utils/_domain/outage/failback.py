"""Failback: the pool is to run on the primary copy again, mirrored, with its logs shipped to the backup. FOR INTERNAL COLLECTION USE ONLY.

It also calls off a failover that has not recovered the backup copy. The truth travels as a full backup and then the tail of the log: the
backup's copy stops writing in the same statement that saves its last record, so that at no time two copies are online, and afterwards it
goes on as the secondary without being seeded again (sql-docs: change roles between primary and secondary log shipping servers).
The failback page restores one full backup with the list of active servers empty; its order of the last steps can be chosen.
"""
from __future__ import annotations

from ..._engine.errors import Refused
from .chain import LogBackup, follow
from .estate import Copy, Estate
from .failover import require_truth
from .moves import Move, move
from .options import Options
from .prerequisites import fence, open_copy, require_backup, require_intent, require_store, require_witness, stale_servers
from .tails import fits


def next_move(e: Estate, o: Options) -> Move | None:
    """What is to be done next, None at the goal. Refused with a code and a sentence when it must not be done."""
    require_backup(e)
    if not e.primary.answers:
        raise Refused(f"{e.primary.host}, to which the databases are to return, does not answer or cannot be read: {e.primary.why}. "
                      "The pool stays where it is. Bring the primary site back first.", code="primary_unreachable", where=e.primary.host)
    require_truth(e)
    if e.recovered:
        return _bring_home(e, o)
    if not e.backup.restoring:
        raise Refused(f"mgc on {e.backup.host} is {e.backup.state}, and nothing shows that it came from the primary: there is nothing to fail back from. "
                      "Protect the pool (site.yml).", code="no_backup_copy", where=e.backup.host, database_state=e.backup.state)
    if e.principal is None or _waits_for_tail(e):
        return require_intent(e, o) or _open_primary(e)
    todo = _left(e, o)
    if todo is None:
        return move("clear_intent", "The failback is complete.", e.backup.host, intent=e.intent.as_dict()) if e.intent else None
    return require_intent(e, o) or todo


def _bring_home(e: Estate, o: Options) -> Move:
    """The backup copy has the truth."""
    if e.pool_state == "Normal" and e.store == "central":
        raise Refused(f"mgc on {e.backup.host} was recovered, but the pool is still Normal: a failover passed its one-way door and did not end. "
                      "Run failover.yml again to finish it, then fail back.", code="failover_unfinished")
    _can_go_home(e)
    first = require_intent(e, o) or require_store(e, o) or fence(e)
    if first or e.intent is None:
        return first or move("declare_intent", "", e.backup.host)
    mine = e.intent.id
    return _retire_old(e) or _unmirror_backup(e) or _copy_home(e, mine)


def _can_go_home(e: Estate) -> None:
    """What the way home needs is looked at before anybody is kept out and before the only mirror is given up."""
    newer, older = e.backup.version, e.primary.version
    if newer is not None and older is not None and newer > older:
        raise Refused(f"{e.backup.host} runs SQL Server {_dotted(newer)}, {e.primary.host} {_dotted(older)}: a database never goes back to an older version, "
                      f"so nothing of {e.backup.host} can be restored there. The pool stays where it is. Upgrade {e.primary.host} first.", code="version",
                      where=e.primary.host, versions={e.backup.host: _dotted(newer), e.primary.host: _dotted(older)})
    for copy in (e.backup, e.primary):
        for seen, what in ((copy.sees_seeds, "full backups"), (copy.sees_logs, "log backups")):
            if seen is False:
                raise Refused(f"The SQL Server of {copy.host} does not see the share of the {what}, over which the database goes home. Nothing was stopped. "
                              "Bring the share back, or let its service account change files there, then run this again.", code="share_unseen",
                              where=copy.host)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _retire_old(e: Estate) -> Move | None:
    """Rows and sessions that the lost site brought back with it; a restore over a mirrored database is refused by the server (3104)."""
    for old in e.primary_pair:
        if old.answers and old.ships:
            return move("unlink_old_primary", f"{old.host} still ships logs of a dead fork; log shipping is set up anew at the end.", old.host)
    for old in e.primary_pair:
        if old.answers and old.role is not None:
            return move("unmirror", f"The old copy on {old.host} is still in a mirroring session, and it is about to be replaced.", old.host, database="mgc",
                        role=old.role)
    return None


def _unmirror_backup(e: Estate) -> Move | None:
    if e.backup.role is not None:
        return move("unmirror", f"The tail of a mirrored database cannot be backed up; {e.backup.host} goes home alone.", e.backup.host, database="mgc",
                    role=e.backup.role)
    compliance = e.compliance.get("backup")
    if compliance is not None and compliance.answers and compliance.role is not None:
        return move("unmirror_compliance", "The backup site's compliance database is mirrored, and it is left behind.", e.backup.host, database="mgccomp",
                    role=compliance.role)
    return None


def _copy_home(e: Estate, mine: str) -> Move:
    begins = e.backup.last_backup_lsn                  # where the tail will begin
    if e.backup.full != mine or _is_before(e.backup.full_lsn, begins):
        return move("back_up_database", f"A full backup of this attempt ({mine}) is what the primary is restored from; older ones are not taken.",
                    e.backup.host, id=mine, covers=None if begins is None else str(begins))
    for old in e.primary_pair:
        if old.online and old.seed != mine and old.full != f"{mine}-{old.slot}":
            return move("keep_old_copy", f"The copy on {old.host} is about to be replaced, and may hold messages that were never shipped: it is backed up "
                        "beside, to be looked at later.", old.host, stamp=f"{mine}-{old.slot}")
    if e.mirror.online:
        return move("retire_old_copy", f"The old copy on {e.mirror.host} was the principal when the site was lost; it stops, so that no server can ever "
                    "take it for the mirror of what comes home.", e.mirror.host, id=mine)
    if e.primary.seed != mine or e.primary.state != "RESTORING" or _is_before(e.primary.redo_lsn, begins):
        return move("restore_on_primary", f"The copy on {e.primary.host} ({e.primary.state or 'none'}) is older than the one in use and is replaced.",
                    e.primary.host, id=mine, seen=e.primary.state)
    return move("back_up_tail", f"The last log of {e.backup.host} goes to the share, and its copy stops; it goes on as the secondary.", e.backup.host, id=mine)


def _is_before(lsn: int | None, other: int | None) -> bool:
    """Log between the two went into a backup that is not ours, and a tail could not be applied across it."""
    return lsn is not None and other is not None and lsn < other


def _tail_file(e: Estate) -> LogBackup | None:
    """The file with the tail that stopped the backup copy, when it can be read."""
    usable = (b for b in e.logs if b.error is None and not b.damaged and b.attempt is not None)
    found = [b for b in usable if b.attempt == e.backup.tail and b.last_lsn == e.backup.redo_lsn]
    return max(found, key=lambda b: b.place == "copied", default=None)


def _waits_for_tail(e: Estate) -> bool:
    """The tail that stopped the backup copy leads the primary's copy to the same end: whatever else is online in the primary site is older."""
    here = e.primary
    if e.backup.tail is None or not here.restoring or here.role is not None:
        return False
    file = _tail_file(e)
    if file is None or here.redo_lsn is None:
        return here.seed == e.backup.tail and not _is_before(e.backup.redo_lsn, here.redo_lsn)
    at_its_end = here.redo_lsn == file.last_lsn and fits(here.fork, file.last_fork)
    return at_its_end or follow(here.redo_lsn, here.fork, here.family, [file]).reached == file.last_lsn


def _open_primary(e: Estate) -> Move:
    """No copy is online: the tail of one is to be applied to the other, or a planned switchover stopped half-way and is called off."""
    if _waits_for_tail(e):
        return _restore_tail(e)
    stopped = next((c for c in e.primary_pair if c.restoring and c.role is None and c.tail is not None and not _is_before(c.redo_lsn, e.backup.redo_lsn)), None)
    if stopped is not None:
        return move("reopen_primary", f"A planned switchover stopped {stopped.host} and went no further; nothing was written since.", stopped.host,
                    id=stopped.tail)
    told = ", ".join(f"{c.host}: {c.state or 'no mgc' if c.answers else 'does not answer'}{f' ({c.role})' if c.role else ''}" for c in e.primary_pair)
    raise Refused(f"No copy of mgc is online ({told}; {e.backup.host}: {e.backup.state}), and none was stopped by us. If a mirror's principal is gone use "
                  "mirror_failover.yml; if the primary site is gone use failover.yml.", code="no_copy_online")


def _restore_tail(e: Estate) -> Move:
    file = _tail_file(e)
    if file is None:
        raise Refused(f"{e.backup.host} was stopped with its last log saved, and that file (mgc_{e.backup.tail}-tail.trn) is not among the log backups "
                      f"that can be read{f': {e.logs_why}' if e.logs_why else ''}. Both copies wait. Bring the share or the file back and run this again; if "
                      f"it is lost, {e.backup.host} holds everything: failover.yml puts it to work again.", code="tail_missing", where=e.backup.host)
    return move("restore_tail", f"{e.primary.host} needs the tail of {e.backup.host}'s log, and then has the truth.", e.primary.host, id=e.backup.tail,
                file={"path": file.path, "position": file.position, "first_lsn": str(file.first_lsn), "last_lsn": str(file.last_lsn), "uuid": file.uuid})


def _left(e: Estate, o: Options) -> Move | None:
    """A copy of the primary site is online and has the truth: what is missing for the estate that site.yml builds."""
    closed = open_copy(e.principal) if e.principal is not None else None
    if closed:
        return closed
    store = require_store(e, o)
    if store:
        return store
    normal = move("set_pool_normal", "The pool still uses its backup store.", e.management) if e.pool_state != "Normal" else None
    active = None if e.active is not None and set(e.active) == set(o.active_normal) else move(
        "set_active_servers", f"{len(o.active_normal)} servers are to accept clients.", e.management, servers=list(o.active_normal))
    link = _link(e, o)
    last = (link, active, normal) if o.order == "documented" else (normal, link, active)
    return next((m for m in last if m), None) or _protect(e, o)


def _link(e: Estate, o: Options) -> Move | None:
    if e.backup.linked and e.principal is not None and e.principal.ships_enabled:
        return None
    if e.principal is not None and e.principal.slot != "primary":
        if e.principal.mirroring == "SYNCHRONIZED" and e.principal.safety == "FULL" and e.primary.answers:
            return move("switch_principal", f"{e.principal.host} became the principal; log shipping is set up from {e.primary.host}, which is synchronized.",
                        e.principal.host, database="mgc", to="primary")
        alone = _pair_up(e, o)
        if alone is not None:
            return alone
        raise Refused(f"{e.principal.host}, the mirror, is the principal now; log shipping is set up from {e.primary.host}. Run "
                      "mirror_failover.yml with mirror_failover_to: primary, then this again.", code="mirror_is_principal", where=e.principal.host)
    return move("link_log_shipping", f"Nothing ships the log of {e.primary.host} to {e.backup.host} yet.", None, reseed=not _continues(e))


def _continues(e: Estate) -> bool:
    """Whether the restoring copy can go on from where it stands: it ended by our tail, or the log since is on the share."""
    chain, goal = e.chain, e.principal.last_backup_lsn if e.principal else None
    return chain is not None and goal is not None and chain.reached >= goal


def _protect(e: Estate, o: Options) -> Move | None:
    mirror = e.mirror
    alone = _pair_up(e, o) or require_witness(e, "primary", e.principal, e.primary if e.principal is mirror else mirror)
    if alone is not None:
        return alone
    if mirror.answers and e.primary.role is not None and not mirror.ships_enabled:
        return move("link_log_shipping_of_mirror", f"Log shipping must go on when {mirror.host} becomes the principal.", None)
    leftover = _leftover(e)
    if leftover:
        return move("drop_leftover", f"The copy on {leftover.host} was the backup's mirror and follows nobody any more.", leftover.host)
    return _compliance_home(e) or stale_servers(e, mirror, ("primary", "backup"))


def _pair_up(e: Estate, o: Options) -> Move | None:
    """One partner is online and alone, and the other one answers."""
    alone = e.principal
    other = None if alone is None else e.mirror if alone.slot == "primary" else e.primary
    if alone is None or other is None or not other.answers or (alone.role is not None and other.role is not None):
        return None
    half = next((c for c in (alone, other) if c.role is not None), None)
    if half is not None:
        return move("unmirror", f"{half.host} still has its half of a mirroring session that the other side left while it did not answer.", half.host,
                    database="mgc", role=half.role)
    if alone.slot == "primary" and other.online and other.ships:
        return move("unlink_old_primary", f"{other.host} still ships logs of a dead fork; log shipping is set up anew when it is the mirror.", other.host)
    attempt = e.intent.id if e.intent else o.id
    if alone.slot == "primary" and other.online and other.full != f"{attempt}-{other.slot}":
        return move("keep_old_copy", f"The copy on {other.host} is about to be replaced, and may hold messages that were never shipped: it is backed up "
                    "beside, to be looked at later.", other.host, stamp=f"{attempt}-{other.slot}")
    name = "mirror_primary" if alone.slot == "primary" else "mirror_to_primary"
    return move(name, f"{alone.host} holds the only online copy; {other.host} can mirror it.", None, replace=other.state is not None)


def _compliance_home(e: Estate) -> Move | None:
    """mgccomp stayed in the primary site; its witness may have switched it while the site was going down."""
    here, there = e.compliance.get("primary"), e.compliance.get("mirror")
    if here and there and here.answers and there.answers and there.role == "PRINCIPAL" and there.mirroring == "SYNCHRONIZED" and there.safety == "FULL":
        return move("switch_principal", f"{there.host} became the principal of mgccomp when the site was lost; {here.host} is the preferred one.", there.host,
                    database="mgccomp", to="primary")
    return None


def _leftover(e: Estate) -> Copy | None:
    copy = e.backup_mirror
    safe = e.primary.online and e.backup.linked and (e.primary.role is not None or not e.mirror.answers)
    return copy if copy is not None and copy.restoring and copy.role is None and safe else None
