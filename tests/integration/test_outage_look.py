"""What is seen and planned of a pool that site.yml built: healthy, with hosts lost, and with logs
that have holes.

What is done to the pool comes in the order of this file; each test that hurts something heals it.
"""

from __future__ import annotations

import copy
import http.server
import threading

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    backup_files,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    dr_info,
    dr_plan,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.seen import (
    estate_seen,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    database_recovery,
    leftover_copy,
    log_copy,
    log_restore,
    log_tail_backup,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    Moved,
    Refused,
)
from support.console import console
from support.resources_by_hand import DOMAIN, LOGS, Estate

POOL = "chat.contoso.example"
COPIED = "D:\\pchat-copy"
SHARED = "D:\\shares\\pchat-logs"
PRIMARY_SITE = [
    f"{n}.{DOMAIN}"
    for n in ("fe-n1", "chat-n1", "chat-n2", "chat-n3", "chat-n4", "sql-n1", "sql-n2", "sql-n3")
]
#: How many connections of a probe ask, each second.
QUESTIONS_A_SECOND = 2
BACKUP_SERVERS = [f"chat-s{n}.{DOMAIN}" for n in (1, 2, 3, 4)]
LOOK = r"""
- hosts: fe-s1.contoso.example
  gather_facts: false
  vars: {pchat_keep_sessions: false, patience: 15}
  tasks:
    - lync.persistent_chat.estate_info: {pool: "{{ pchat_pool }}"}
      register: declared
    - lync.persistent_chat.dr_info:
        estate: "{{ declared.estate }}"
        databases: [mgc, mgccomp]
        log_share: "{{ log_shipping_primary_share }}"
        copy_folder: "{{ log_shipping_secondary_copy_folder }}"
        answer_within: "{{ patience | int }}"
        ask_others: "{{ ask_others | default(true) | bool }}"
"""


class Looker:
    """dr_info as a task, because finding the hosts' connections is half of it."""

    def __init__(self, lab, folder):
        self.lab, self.playbook = lab, folder / "look"
        self.playbook.with_suffix(".yml").write_text(LOOK, encoding="utf-8")

    def look(self, patience=15, *more, environment=None):
        """What the task returned."""
        run = self.lab.play(
            str(self.playbook), "-e", f"patience={patience}", *more, environment=environment
        )
        assert run.rc == 0, run.output[-3000:]
        return run.results[-1]["result"]


@pytest.fixture(scope="module")
def lab(whole_built_lab):
    return whole_built_lab


@pytest.fixture(scope="module")
def looker(lab, tmp_path_factory):
    return Looker(lab, tmp_path_factory.mktemp("look"))


@pytest.fixture(scope="module")
def seen(lab, looker):
    """(what dr_info said of the healthy estate, how many writes that took)"""
    before = len(lab.chatlab("journal", "--writes"))
    return looker.look(), len(lab.chatlab("journal", "--writes")) - before


@pytest.fixture
def estate(lab):
    yield Estate(lab)
    lab.chatlab("fault", "clear")
    assert lab.chatlab("journal", "--impossible") == []


def plan(document, **options):
    complete = {
        name: options.get(name, detail.get("default"))
        for name, detail in dr_plan.DR_PLAN_SPEC.items()
    }
    return dr_plan.plan_of(
        {
            **complete,
            "document": document,
            "target": options.get("target", "failover"),
            "active_failed_over": BACKUP_SERVERS,
        }
    )


# -- dr_info and dr_plan on the pool


def test_a_whole_estate_is_seen_and_nothing_is_written(lab, seen):
    result, writes = seen
    assert (result["changed"], result["silent"], writes) == (False, [], 0)
    e = estate_seen(result["document"])
    assert (e.primary.role, e.mirror.role, e.backup.state, e.backup.linked, e.pool_state) == (
        "PRINCIPAL",
        "MIRROR",
        "RESTORING",
        True,
        "Normal",
    )
    assert (e.store, e.cms, len(e.active), len(e.members), e.intent) == (
        "central",
        f"fe-n1.{DOMAIN}",
        4,
        8,
        None,
    )
    assert all(s.answers and s.started and s.started_at for s in e.servers)
    assert e.backup.redo_lsn is not None
    hosts = result["document"]["hosts"]
    assert {str(told["sees"]) for told in hosts.values()} == {"{}"}, "nobody had to be asked"
    assert hosts[f"fs-s1.{DOMAIN}"] == {
        "answers": True,
        "silent": False,
        "why": None,
        "sql": None,
        "pool": None,
        "chat": None,
        "sees": {},
        "room": {"log": free_where_logs_lie(lab)},
    }


def free_where_logs_lie(lab):
    """Megabytes, as somebody at the file server's console sees them."""
    with console(lab, "fs-s1") as run:
        disks = run("Get-CimInstance", ClassName="Win32_LogicalDisk", Filter="DeviceID = 'D:'")
    (disk,) = disks
    return disk.adapted_properties["FreeSpace"] >> 20


def test_a_healthy_pool_is_not_failed_over(seen):
    with pytest.raises(Refused) as caught:
        plan(seen[0]["document"])
    assert caught.value.code == "primary_alive"
    assert caught.value.details["situation"]["name"] == "Healthy"
    assert caught.value.details["lines"][-1].startswith("Refused: mgc is ONLINE on sql-n1")


def test_a_healthy_pool_can_be_left_as_planned_without_loss(seen):
    planned = plan(seen[0]["document"], mode="planned")
    names = [m["name"] for m in planned["moves"]]
    assert names[:2] == ["declare_intent", "fence"]
    assert (
        names.index("back_up_tail")
        < names.index("recover_database")
        < names.index("set_pool_failed_over")
        < names.index("set_active_servers")
    )
    assert (planned["loss"]["minutes"], planned["first_one_way"]["name"]) == (0, "back_up_tail")
    assert [m["one_way"] for m in planned["round"]] == [False] * len(planned["round"])


# -- the logs of the pool


@pytest.fixture(scope="module")
def piled(lab, seen):
    """Log backups that nobody copies: their names, oldest first. The copy jobs' SQL Agent
    stands still, the clock between two of its runs.
    """
    before = shared(lab)
    now = lab.now()
    lab.chatlab("clock", "advance", f"{(15 - now.minute % 15) * 60 + 300 - now.second}s")
    agent = lab.chatlab("fault", "add", "sql_agent", "host=sql-s1")["id"]
    known = shared(lab)
    for _unused in range(4):
        lab.chatlab("chat", "post", "3")
        lab.chatlab("clock", "advance", "15m")
    names = sorted(shared(lab) - known)
    assert len(names) == 4, (before, known, shared(lab))
    yield names
    assert agent not in [f["id"] for f in lab.chatlab("fault", "list")]


def shared(lab):
    with Estate(lab).session("sql-s1") as session:
        listed = session.read(backup_files.files(LOGS))[0]
    return {r["subdirectory"] for r in listed if r["subdirectory"].startswith("mgc_2")}


def after_the_loss(estate, seen):
    """The document as it would be with the primary site gone now, everything of the backup SQL
    Server read anew.
    """
    document = copy.deepcopy(seen[0]["document"])
    for name in PRIMARY_SITE:
        document["hosts"][name] = {
            "answers": False,
            "silent": True,
            "why": "gone",
            "sql": None,
            "pool": None,
            "chat": None,
            "sees": {},
        }
    asked = {
        "estate": document["estate"],
        "databases": ["mgc"],
        "log_share": LOGS,
        "copy_folder": COPIED,
        "seed_share": "",
    }
    backup = f"sql-s1.{DOMAIN}"
    with estate.session("sql-s1") as session:
        document["hosts"][backup]["sql"] = dr_info.read_sql(session, backup, "backup", asked)
    return document


def refused_plan(document):
    with pytest.raises(Refused) as caught:
        plan(document)
    return caught.value


def names_of(moves):
    return [m["name"] for m in moves]


@pytest.fixture
def hurt(lab):
    """Adds a fault that ends with the test, unlike the one of SQL Agent."""
    ids = []
    yield lambda *words: ids.append(lab.chatlab("fault", "add", *words)["id"])
    for each in ids:
        lab.chatlab("fault", "clear", each)


def test_logs_on_the_share_only_are_found_and_lose_only_what_was_never_backed_up(lab, piled, seen):
    document = after_the_loss(Estate(lab), seen)
    e = estate_seen(document)
    assert [b.name for b in e.uncopied] == piled
    assert e.chain.obstacle is None
    planned = plan(document)
    assert planned["situation"]["name"] == "PrimaryLost"
    assert planned["loss"]["last_log"].endswith(piled[-1])
    assert 0 < planned["loss"]["minutes"] <= 15
    restored = next(m for m in planned["moves"] if m["name"] == "restore_logs")
    assert [f["path"].rpartition("\\")[2] for f in restored["args"]["files"]] == piled
    recovered = next(m for m in planned["moves"] if m["name"] == "recover_database")
    assert recovered["args"]["expect_lsn"] == restored["args"]["files"][-1]["last_lsn"]


@pytest.mark.parametrize(
    ("mode", "codes"),
    [("corrupt", {"chain_damaged", "chain_gap", "chain_unreadable"}), ("missing", {"chain_gap"})],
)
def test_a_hole_in_the_logs_is_refused_with_the_last_usable_one_and_can_be_accepted(
    lab, piled, seen, hurt, mode, codes
):
    hurt("file", "host=fs-s1", f"path={SHARED}\\{piled[1]}", f"mode={mode}")
    document = after_the_loss(Estate(lab), seen)
    refused = refused_plan(document)
    assert refused.code in codes
    loss = refused.details["loss"]
    assert loss["last_log"].endswith(piled[0])
    assert 45 <= loss["minutes"] <= 65
    assert {p.rpartition("\\")[2] for p in loss["unusable"]} == set(
        piled[1 if mode == "corrupt" else 2 :]
    )
    assert loss["lsn"] in str(refused)
    accepted = plan(document, data_loss="accept")
    assert accepted["loss"] == loss
    restored = next(m for m in accepted["moves"] if m["name"] == "restore_logs")
    assert [f["path"].rpartition("\\")[2] for f in restored["args"]["files"]] == piled[:1]


def test_a_share_that_is_gone_is_refused_and_can_be_accepted(lab, piled, seen, hurt):
    hurt("share", "host=fs-s1", "share=pchat-logs")
    document = after_the_loss(Estate(lab), seen)
    assert document["hosts"][f"sql-s1.{DOMAIN}"]["sql"]["logs"]["share"] is None
    refused = refused_plan(document)
    assert refused.code == "share_gone"
    assert "SQL-S1 cannot see \\\\fs-s1.contoso.example\\pchat-logs" in str(refused)
    accepted = plan(document, data_loss="accept")
    assert not {"copy_logs", "restore_logs"} & set(names_of(accepted["moves"]))


def test_logs_are_copied_by_the_job_that_may(lab, piled, seen):
    estate, module = Estate(lab), ("sql-s1", log_copy.LogCopy, log_copy.LOG_COPY_SPEC)
    lab.chatlab("fault", "clear")
    assert (
        estate.run(
            *module, check_mode=True, database="nobody ships this", names=piled, folder=COPIED
        ).steps
        == ()
    )
    gone = lab.chatlab("fault", "add", "share", "host=fs-s1", "share=pchat-logs")["id"]
    failed = estate.run(*module, database="mgc", names=piled, folder=COPIED)
    assert ([s.name for s in failed.steps], failed.after["copied"], failed.after["running"]) == (
        ["copy_logs"],
        [],
        False,
    )
    lab.chatlab("fault", "clear", gone)
    done = estate.both(
        *module, ["copy_logs"], database="mgc", names=[n.upper() for n in piled], folder=COPIED
    )
    assert (done.after["copied"], done.after["last_status"]) == (piled, 1)


# -- the pool's own copies, before hosts are lost: the pair may exchange its roles then


def test_copies_that_are_mirrored_or_fed_are_never_recovered_stopped_or_dropped(estate):
    drop = (leftover_copy.LeftoverCopy, leftover_copy.LEFTOVER_COPY_SPEC)
    pool = {"database": "mgc", "pool": POOL}
    estate.refused(
        "mirrored",
        "sql-n2",
        database_recovery.DatabaseRecovery,
        database_recovery.DATABASE_RECOVERY_SPEC,
        expect_lsn="1",
        **pool,
    )
    estate.refused(
        "mirrored",
        "sql-n1",
        log_tail_backup.LogTailBackup,
        log_tail_backup.LOG_TAIL_BACKUP_SPEC,
        directory=LOGS,
        id="1" * 32,
        **pool,
    )
    estate.refused(
        "not_restoring",
        "sql-n2",
        log_restore.LogRestore,
        log_restore.LOG_RESTORE_SPEC,
        database="mgc",
        files=[],
    )
    for host in ("sql-n1", "sql-n2"):
        estate.refused("no_leftover", host, *drop, database="mgc")
    before = estate.run("sql-s1", *drop, check_mode=True, database="mgc").before
    with pytest.raises(Moved, match="mgc is not a restoring copy that follows nobody"):
        estate.run("sql-s1", *drop, database="mgc")
    assert estate.run("sql-s1", *drop, check_mode=True, database="mgc").before == before


# -- lost hosts


def questions(lab):
    """Host -> how often it was asked something that it left unanswered."""
    hosts = lab.chatlab("stats")["hosts"]
    return {name: n["unanswered"] for name, n in hosts.items() if n.get("unanswered")}


def test_lost_hosts_are_asked_whether_they_are_there_and_nothing_else(estate, looker):
    """Each of eight that hang is left after the few questions of the probe, as one alone is; that
    all are asked at the same time, a test of ManyHostsAction shows.
    """
    one = estate.lab.chatlab("fault", "add", "host", "host=chat-n4", "mode=hang")["id"]
    estate.lab.chatlab("stats", "--reset")
    assert looker.look()["silent"] == [f"chat-n4.{DOMAIN}"]
    most = dr_info.DR_INFO_SPEC["probe_within"]["default"] * QUESTIONS_A_SECOND
    of_one = questions(estate.lab)
    assert 0 < of_one[f"chat-n4.{DOMAIN}"] <= most
    estate.lab.chatlab("fault", "clear", one)
    estate.lab.chatlab("fault", "add", "site", "site=north", "mode=hang")
    before = estate.writes()
    estate.lab.chatlab("stats", "--reset")
    result = looker.look()
    assert result["silent"] == sorted(PRIMARY_SITE)
    assert estate.writes() == before
    asked = questions(estate.lab)
    assert sorted(asked) == sorted(PRIMARY_SITE)
    assert all(number <= most for number in asked.values()), asked
    document = result["document"]
    assert all("does not answer in time" in document["hosts"][n]["why"] for n in PRIMARY_SITE)
    assert document["hosts"][f"fe-s1.{DOMAIN}"]["pool"]["store"] == "local"
    refused = refused_plan(document)
    assert refused.code == "cms_lost"
    planned = plan(document, move_cms=True)
    assert planned["situation"]["name"] == "PrimaryLost"
    assert names_of(planned["moves"])[:3] == ["declare_intent", "fail_over_cms", "fence"]
    assert planned["first_one_way"]["name"] == "recover_database"


def kind_of(name):
    """Without its number: any one of them may be asked."""
    return name.partition(".")[0].rstrip("0123456789")


@pytest.mark.parametrize(
    ("faults", "watchers"),
    [
        # WinRM alone is broken on both, and SQL Server serves
        ([("host", f"host=sql-{n}", "mode=deaf") for n in ("n1", "n2")], {"chat-n", "chat-s"}),
        # the controller is cut off
        ([("site", "site=north", "mode=unseen")], {"chat-s"}),
    ],
)
def test_a_pair_that_others_reach_is_not_lost(estate, looker, faults, watchers):
    for fault in faults:
        estate.lab.chatlab("fault", "add", *fault)
    result = looker.look()
    e = estate_seen(result["document"])
    assert {kind_of(sentence) for sentence in e.seen_from} == watchers
    for said in ({}, {"data_loss": "accept", "max_data_loss": 10**6}):
        with pytest.raises(Refused) as caught:
            plan(result["document"], move_cms=True, **said)
        assert (caught.value.code, caught.value.details["situation"]["name"]) == (
            "primary_seen",
            "PrimaryUnseen",
        )
    unasked = looker.look(15, "-e", "ask_others=false")
    assert estate_seen(unasked["document"]).seen_from == ()


def test_management_hosts_are_asked_where_no_chat_server_can_tell(estate, looker):
    """The port of SQL Server is not known of a named instance, say."""
    estate.lab.chatlab("fault", "add", "site", "site=north", "mode=unseen")
    for number in (1, 2, 3, 4):
        estate.lab.chatlab("fault", "add", "host", f"host=chat-s{number}", "mode=deaf")
    e = estate_seen(looker.look()["document"])
    assert {kind_of(sentence) for sentence in e.seen_from} == {"fe-s"}


def test_who_is_asked_for_a_host_that_nobody_reaches_says_so_and_is_not_waited_for(estate, looker):
    """Windows would go on for 21 seconds; the session goes, and all that runs in it."""
    estate.lab.chatlab("fault", "add", "site", "site=north", "mode=hang")
    hosts = looker.look()["document"]["hosts"]
    sees = {f"sql-n1.{DOMAIN}": False, f"sql-n2.{DOMAIN}": False}
    asked = {kind_of(name): told["sees"] for name, told in hosts.items() if told["sees"]}
    assert asked == {"chat-s": sees}
    assert estate.lab.chatlab("stats")["total"]["shells"] == 0


WRONG = """
all:
  hosts:
    sql-n1.contoso.example: {ansible_password: not this one}
    sql-n2.contoso.example: {ansible_password: not this one}
"""


def not_lost(document, status):
    """The pair answers and refuses: it has a situation of its own, and no acceptance leads past
    it.
    """
    e = estate_seen(document)
    assert (e.primary.refuses, e.mirror.refuses, e.principal) == (True, True, None)
    assert all(status in document["hosts"][n]["why"] for n in (e.primary.host, e.mirror.host))
    for said in ({}, {"data_loss": "accept", "max_data_loss": 10**6}):
        with pytest.raises(Refused) as caught:
            plan(document, move_cms=True, **said)
        assert (caught.value.code, caught.value.details["situation"]["name"]) == (
            "primary_refuses",
            "PrimaryRefuses",
        )


def test_a_pair_that_refuses_the_logon_is_not_lost(estate, looker, tmp_path):
    (tmp_path / "wrong.yml").write_text(WRONG, encoding="utf-8")
    not_lost(looker.look(15, "-i", str(tmp_path / "wrong.yml"))["document"], "HTTP status 401")


def test_a_pair_behind_a_proxy_that_does_not_let_through_is_not_lost(
    estate, looker, refusing_proxy
):
    here = ",".join(
        n["ansible_host"]
        for name, n in Estate(estate.lab).inventory["hosts"].items()
        if name.split(".")[0] not in ("sql-n1", "sql-n2")
    )
    surroundings = {
        "http_proxy": refusing_proxy,
        "HTTP_PROXY": refusing_proxy,
        "NO_PROXY": here,
        "no_proxy": here,
    }
    not_lost(looker.look(15, environment=surroundings)["document"], "HTTP status 407")


@pytest.fixture
def refusing_proxy():
    """A proxy on loopback that asks everybody for a logon."""

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(407)
            self.send_header("Proxy-Authenticate", "Basic realm=proxy")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_unused):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


#: Host -> what it answers instead; none of it is silence.
ODD = {
    "chat-n1": "html",
    "chat-n2": "garbage",
    "chat-n3": "empty",
    "chat-n4": "trickle",
    "chat-s1": "quota",
    "chat-s2": "unavailable",
    "chat-s3": "error",
    "sql-n3": "silent",
    "sql-s3": "forbidden",
    "fs-s1": "unauthorized",
}


def test_odd_hosts_are_named_and_the_others_are_read_and_the_look_has_an_end(estate, looker):
    for host, mode in ODD.items():
        estate.lab.chatlab("fault", "add", "answer", f"host={host}", f"mode={mode}")
    document = looker.look(2)["document"]
    unread = {name.split(".")[0] for name, host in document["hosts"].items() if not host["answers"]}
    assert unread == set(ODD)
    for name in unread - {"chat-n4"}:
        assert document["hosts"][f"{name}.{DOMAIN}"]["silent"] is False, (
            name,
            document["hosts"][f"{name}.{DOMAIN}"]["why"],
        )
    e = estate_seen(document)
    assert (e.primary.answers, e.mirror.answers, e.backup.answers) == (True, True, True)
    # a byte now and then keeps every time-out of a socket from being reached
    assert "no end within" in document["hosts"][f"chat-n4.{DOMAIN}"]["why"]


def test_a_host_whose_sql_server_is_stopped_is_silent_and_no_refusal(estate, looker):
    estate.lab.chatlab(
        "fault", "add", "service", "host=sql-n1", "service=MSSQLSERVER", "mode=stopped"
    )
    seen = looker.look()["document"]["hosts"][f"sql-n1.{DOMAIN}"]
    assert (seen["answers"], seen["silent"]) == (False, True)
    assert "its service MSSQLSERVER is stopped" in seen["why"]


def test_hosts_that_refuse_and_hosts_that_cannot_be_read(estate, looker):
    estate.lab.chatlab("fault", "add", "host", "host=sql-n2", "mode=down")
    estate.lab.chatlab(
        "fault",
        "add",
        "cmdlet",
        "name=Invoke-Sqlcmd",
        "host=sql-s2",
        "times=99",
        "message=no right to do that",
    )
    document = looker.look()["document"]
    assert [n for n, h in document["hosts"].items() if not h["answers"]] == [
        f"sql-n2.{DOMAIN}",
        f"sql-s2.{DOMAIN}",
    ]
    assert "no right to do that" in document["hosts"][f"sql-s2.{DOMAIN}"]["why"]
    assert document["hosts"][f"sql-s2.{DOMAIN}"]["sql"] is None
    e = estate_seen(document)
    assert (e.mirror.answers, e.mirror.state, e.backup_mirror.answers) == (False, None, False)
