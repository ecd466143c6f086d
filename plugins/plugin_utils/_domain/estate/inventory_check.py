"""Whether an inventory says what was meant: who is what, and all that is missing, contradictory or
read by nobody. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import difflib
import typing as t
from collections.abc import Iterable, Iterator, Mapping

from ..documents.declared import Declared
from ..words import plural
from .checks_names import name_findings
from .checks_values import value_findings
from .estate_info import Member, declared_of
from .written import ERROR, WARNING, InventoryFinding, Written, WrittenHost, WrittenPool

_ORDER = (ERROR, WARNING)
_SITES = {"primary": "primary data centre", "backup": "backup data centre"}
_SLOTS = {
    "primary": "SQL Server, primary",
    "mirror": "SQL Server, mirror",
    "witness": "SQL Server, witness",
    "backup": "SQL Server, backup",
    "backup_mirror": "SQL Server, backup's mirror",
    "backup_witness": "SQL Server, backup's witness",
}


class Judged(t.NamedTuple):
    """``findings``: the most urgent first."""

    pools: list[WrittenPool]
    findings: list[InventoryFinding]

    @property
    def errors(self) -> list[InventoryFinding]:
        """Those for which a run would be refused, or do something else than was meant."""
        return [finding for finding in self.findings if finding.urgency == ERROR]


def judge(written: Written, misfits: Iterable[InventoryFinding] = ()) -> Judged:
    """``misfits``: what was found of the values' types."""
    found = [*name_findings(written), *misfits]
    pools: list[WrittenPool] = []
    for name, hosts in _hosts_of_pools(written).items():
        declared, problems = declared_of(name, _members(hosts), _active(hosts))
        pool = WrittenPool(name, declared, hosts)
        pools.append(pool)
        for problem in problems:
            found.append(InventoryFinding(ERROR, problem.code, name, f"{problem.text}."))
        found += value_findings(written, pool)
    found += _misspelt(pools)
    return Judged(pools, sorted(found, key=_rank))


def _rank(finding: InventoryFinding) -> int:
    return _ORDER.index(finding.urgency)


def _hosts_of_pools(written: Written) -> dict[str, dict[str, WrittenHost]]:
    pools: dict[str, dict[str, WrittenHost]] = {}
    for name, host in written.hosts.items():
        pool = str(host.values.get("pchat_pool") or "").lower()
        if pool:
            pools.setdefault(pool, {})[name] = host
    return pools


def _members(hosts: Mapping[str, WrittenHost]) -> list[Member]:
    found = []
    for name, host in hosts.items():
        fqdn = str(host.values.get("pchat_fqdn") or name)
        instance = str(host.values.get("pchat_sql_instance") or "")
        found.append(Member(name, fqdn, host.groups, instance))
    return found


def _active(hosts: Mapping[str, WrittenHost]) -> list[str]:
    """As the first host reads it that has it and speaks for the pool."""
    for host in hosts.values():
        wanted = host.values.get("stretched_pool_active_servers")
        if "pchat_management" in host.groups and isinstance(wanted, list):
            return [str(name) for name in wanted]
    return []


def _misspelt(pools: list[WrittenPool]) -> Iterator[InventoryFinding]:
    """A pool of few hosts whose name is nearly that of a greater one."""
    for pool in pools:
        others = [other.name for other in pools if len(other.hosts) > len(pool.hosts)]
        near = difflib.get_close_matches(pool.name, others, n=1, cutoff=0.9)
        if near and not pool.declared["management"]:
            text = (
                f"pchat_pool of {', '.join(pool.hosts)} is {pool.name}, nearly {near[0]}, and so"
                " they are a pool of their own. If they belong to that one, write its name."
            )
            yield InventoryFinding(ERROR, "misspelt_pool", pool.name, text)


def lines(judged: Judged) -> Iterator[str]:
    """For people: who is what, then what to look at."""
    for pool in judged.pools:
        yield from _pool(pool)
    if not judged.findings:
        yield "The inventory is whole: nothing is missing, contradictory or unread."
        return
    yield "To look at:"
    for finding in judged.findings:
        yield f"  {finding.urgency:8} {finding.code}: {finding.text}"


def _pool(pool: WrittenPool) -> Iterator[str]:
    declared = pool.declared
    compliance = "with" if pool.value("pchat_compliance") else "without"
    yield f"Pool {pool.name}: {plural(len(declared['hosts']), 'host')}, {compliance} compliance"
    for site, place in _SITES.items():
        yield f"  {place}"
        for name in declared["hosts"]:
            if declared["site"][name] == site:
                yield f"    {name}: {_what(pool, name)}"
    yield f"  log backups: {pool.value('log_shipping_primary_share') or 'not said'}"
    yield f"  copied to: {pool.value('log_shipping_secondary_copy_folder') or 'not said'}"
    yield f"  mirrors are seeded through: {pool.value('mirror_seed_share') or 'not said'}"


def _what(pool: WrittenPool, name: str) -> str:
    declared = pool.declared
    told = [_sql(declared, slot) for slot, host in declared["sql"].items() if host == name]
    if name in declared["management"]:
        told.append("Front End Server, speaks for the pool")
    if "pchat_servers" in pool.hosts[name].groups:
        told.append(f"chat server, {_service(pool, name)}")
    if name in declared["file_servers"]:
        told.append("file server")
    words = "; ".join(told) or "nothing"
    if declared["fqdn"][name] != name.lower():
        words += f" ({declared['fqdn'][name]})"
    return words


def _sql(declared: Declared, slot: str) -> str:
    instance = declared["instance"][declared["sql"][slot] or ""]
    where = f"instance {instance}" if instance else "default instance"
    return f"{_SLOTS[slot]}, {where}"


def _service(pool: WrittenPool, name: str) -> str:
    active = [each.lower() for each in _active(pool.hosts)]
    return "active" if pool.declared["fqdn"][name] in active else "stands by"
