"""The status as metrics of Prometheus. FOR INTERNAL COLLECTION USE ONLY.

The form is that of Prometheus' documentation, Exposition formats (text-based format): HELP, TYPE,
samples; a backslash, a quote and a line break in a label's value are escaped; NaN is a value that
nobody knows. Durations are seconds.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping

from ..documents.status import Status
from ..outage.situation import TABLE
from .check_line import UNKNOWN, Thresholds, backup_age, seconds, state_of
from .finding import ORDER

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Sample(t.NamedTuple):
    """``value`` None: nobody knows."""

    labels: Mapping[str, str]
    value: float | None


class Metric(t.NamedTuple):
    """A gauge. ``about``: one line without a backslash."""

    name: str
    about: str
    samples: list[Sample]


def text(document: Status, limits: Thresholds, written_at: int) -> str:
    """The whole file. ``written_at``: seconds since 1970, by the controller's clock."""
    pool = document["pool"]
    found = [
        *_always(pool, state_of(document, limits), written_at),
        *_situation(document),
        *_loss(document),
        *_shipping(document),
        *_hosts(document),
    ]
    return "".join(map(_shown, found))


def unknown(pool: str, written_at: int) -> str:
    """The file when nobody could look."""
    return "".join(map(_shown, _always(pool, UNKNOWN, written_at)))


def _always(pool: str, state: int, written_at: int) -> Iterator[Metric]:
    labels = {"pool": pool}
    about = "State of the check: 0 OK, 1 warning, 2 critical, 3 unknown."
    yield Metric("pchat_check_state", about, [Sample(labels, state)])
    about = "When this was written, by the controller's clock; an old one is no status."
    yield Metric("pchat_written_timestamp_seconds", about, [Sample(labels, written_at)])


def _situation(document: Status) -> Iterator[Metric]:
    pool = document["pool"]
    samples = []
    for row in TABLE:
        is_it = row.name == document["situation"]["name"]
        samples.append(Sample({"pool": pool, "situation": row.name}, int(is_it)))
    yield Metric("pchat_situation", "1 for the situation of the operating guide.", samples)
    counts = dict.fromkeys(ORDER, 0)
    kinds: dict[tuple[str, str], int] = {}
    for finding in document["findings"]:
        counts[finding["urgency"]] += 1
        kind = finding["urgency"], finding["code"]
        kinds[kind] = kinds.get(kind, 0) + 1
    samples = [Sample({"pool": pool, "urgency": each}, count) for each, count in counts.items()]
    yield Metric("pchat_findings", "Findings by urgency.", samples)
    samples = []
    for (urgency, code), count in kinds.items():
        samples.append(Sample({"pool": pool, "urgency": urgency, "code": code}, count))
    yield Metric("pchat_finding", "Findings by their code.", samples)
    declared = document["intent"]["target"] if document["intent"] else ""
    samples = []
    for target in ("failover", "failback"):
        samples.append(Sample({"pool": pool, "operation": target}, int(declared == target)))
    yield Metric("pchat_operation_declared", "1 while somebody is at it.", samples)


def _loss(document: Status) -> Iterator[Metric]:
    labels = {"pool": document["pool"]}
    now = document["failover_now"]
    about = "Whether a failover now would be carried out."
    yield Metric("pchat_failover_possible", about, [Sample(labels, int(now["possible"]))])
    about = "Writing that a failover now would lose; NaN: nobody knows."
    loss = seconds(now["loss"]["minutes"])
    yield Metric("pchat_failover_loss_seconds", about, [Sample(labels, loss)])


def _shipping(document: Status) -> Iterator[Metric]:
    pool = document["pool"]
    shipping = document["log_shipping"]
    ages = {
        "backup": backup_age(document),
        "copy": shipping["copied_minutes_ago"],
        "restore": shipping["restored_minutes_ago"],
    }
    samples = []
    for job, minutes in ages.items():
        samples.append(Sample({"pool": pool, "job": job}, seconds(minutes)))
    about = "Time since a log was backed up, copied and restored; NaN: nobody knows."
    yield Metric("pchat_log_age_seconds", about, samples)
    about = "Log backups that the backup copy can still apply."
    yield Metric("pchat_logs_waiting", about, [Sample({"pool": pool}, len(shipping["waiting"]))])


def _hosts(document: Status) -> Iterator[Metric]:
    pool = document["pool"]
    samples = []
    for name, host in document["hosts"].items():
        labels = {"pool": pool, "host": name, "site": host["site"]}
        samples.append(Sample(labels, int(host["answers"])))
    yield Metric("pchat_host_answers", "Whether the host answered this look.", samples)
    samples = []
    for name, server in document["servers"].items():
        labels = {"pool": pool, "server": name, "site": server["site"]}
        samples.append(Sample(labels, _flag(server["active"])))
    about = "Whether clients may use the chat server; NaN: nobody knows."
    yield Metric("pchat_server_active", about, samples)
    samples = []
    for name, database in document["databases"].items():
        for slot, copy in database["copies"].items():
            labels = {
                "pool": pool,
                "database": name,
                "slot": slot,
                "host": copy["host"],
                "database_state": copy["database_state"] or "",
                "mirroring_state": copy["mirroring_state"] or "",
            }
            samples.append(Sample(labels, int(copy["answers"])))
    about = "1 for each copy whose SQL Server answers, with what it told in the labels."
    yield Metric("pchat_copy", about, samples)


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _shown(metric: Metric) -> str:
    told = [f"# HELP {metric.name} {metric.about}\n# TYPE {metric.name} gauge\n"]
    for sample in metric.samples:
        pairs = [f'{name}="{_escaped(value)}"' for name, value in sample.labels.items()]
        value = "NaN" if sample.value is None else f"{sample.value}"
        told.append(f"{metric.name}{{{','.join(pairs)}}} {value}\n")
    return "".join(told)


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES)
