"""Estate files: what they become, and that nothing in them is ignored."""

from __future__ import annotations

import copy
import pathlib
import random
import re
import typing as t

import pytest
import yaml

from pchat_lab.estate.build import build
from pchat_lab.estate.document import ESTATES, SHAPE, read
from pchat_lab.estate.shape import EstateError, MapOf

ALL = sorted(path.stem for path in ESTATES.glob("*.yml"))
#: Whoever deploys on the other one for the first time makes its shares.
READY = [name for name in ALL if name != "newcomer"]
DEFAULT = yaml.safe_load((ESTATES / "default.yml").read_text(encoding="utf-8"))


def changed(
    tmp_path: pathlib.Path, *where: str | int, value: t.Any = None, drop: bool = False
) -> pathlib.Path:
    """The default estate with one thing changed."""
    document = copy.deepcopy(DEFAULT)
    inner = document
    for key in where[:-1]:
        inner = inner[key]
    if drop:
        del inner[where[-1]]
    else:
        inner[where[-1]] = value
    path = tmp_path / "estate.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ALL)
def test_every_estate_of_the_lab_can_be_built(name: str) -> None:
    world = build(name, clock_runs=False)
    document = read(name)
    assert len(world.machines) == len(document["machines"])
    assert len({m.address for m in world.machines.values()}) == len(world.machines)
    for pool in document["lync"]["pools"]:
        for slot, machine in pool["stores"].items():
            instance = next(iter(world.machine(machine).instances.values()))
            assert instance.running, slot
            assert instance.agent_running == ("witness" not in slot)


def test_there_are_the_three_estates() -> None:
    assert {"default", "low_bandwidth", "several_pools"} <= set(ALL)


@pytest.mark.parametrize("name", READY)
def test_servers_that_ship_logs_may_use_the_shares(name: str) -> None:
    """The engines of a pool write the share of its file server, the agents too, whatever identity
    they have.
    """
    world = build(name, clock_runs=False)
    for pool in world.estate["lync"]["pools"]:
        host = pool["file_store"].split("\\")[2]
        for slot in ("primary", "mirror", "backup", "backup_mirror"):
            machine = world.machine(pool["stores"][slot])
            instance = next(iter(machine.instances.values()))
            for service in (instance.engine_service, instance.agent_service):
                path = f"\\\\{host}\\pchat-logs\\{slot}{service.name}.trn"
                world.storage.write(path, "", 0, machine, service.account)
                assert world.storage.exists(path, machine, instance.engine_service.account)


def test_addresses_follow_the_sites_and_the_chosen_block() -> None:
    world = build("default", net="127.77", clock_runs=False)
    assert world.machine("fe-n1").address == "127.77.1.1"
    assert world.machine("fe-s1").address == "127.77.2.1"
    assert world.machine("chat-n1").address == "127.77.1.2"


def test_the_other_product_can_be_asked_for() -> None:
    world = build("default", product="SkypeForBusiness", clock_runs=False)
    chat = world.machine("chat-n1")
    assert "SkypeForBusiness" in chat.products
    assert "Lync" not in chat.products
    assert chat.services["rtcchat"].display_name == "Skype for Business Server Persistent Chat"
    with pytest.raises(EstateError, match="Teams"):
        build("default", product="Teams")


def test_chat_services_wait_for_their_pool_and_everything_else_runs() -> None:
    world = build("default", clock_runs=False)
    stopped = {
        (m.kind, s.name)
        for m in world.machines.values()
        for s in m.services.values()
        if s.status != "Running"
    }
    assert stopped == {
        ("chat_server", "RTCCHAT"),
        ("chat_server", "RTCCOMP"),
        ("sql", "SQLSERVERAGENT"),
    }


def test_service_accounts_may_not_log_on() -> None:
    world = build("default", clock_runs=False)
    assert {a.name for a in world.accounts.values() if a.interactive} == {
        "CONTOSO\\pchat-admin",
        "CONTOSO\\helpdesk",
    }


def test_old_windows_has_no_share_cmdlets() -> None:
    world = build("several_pools", clock_runs=False)
    assert "SmbShare" not in world.machine("sql-apac-n1").products
    assert "SmbShare" in world.machine("sql-emea-n1").products


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("colour",), "red", "unknown colour"),
        (("machines", "fe-n1", "colour"), "red", "machines.fe-n1: unknown colour"),
        (("machines", "fe-n1", "kind"), "mainframe", "'mainframe' is not one of"),
        (("machines", "fe-n1", "delegation"), "yes", "is not true or false"),
        (("machines", "fe-n1", "site"), "east", "no site 'east'"),
        (("machines", "Fe_N1"), {"site": "north", "kind": "sql"}, "no computer name"),
        (
            ("machines", "fs-s1", "shares", "pchat-logs", "rights"),
            {"Everyone": "Write"},
            "'Write' is not one of",
        ),
        (("accounts", 0, "name"), "OTHER\\admin", "not of the domain"),
        (("sql", "fe-n1"), {}, "is a front_end, not a sql"),
        (("sql", "sql-n1"), {"service_account": "CONTOSO\\ghost"}, "there is no account"),
        (("sql", "sql-n1"), {"version": "2012"}, "four numbers"),
        (("lync", "cms"), "fe-x1", "no machine 'fe-x1'"),
        (("lync", "pools", 0, "next_hop"), "x.contoso.example", "no front end pool"),
        (("lync", "pools", 0, "active"), ["chat-x1"], "not all are members"),
        (("lync", "pools", 0, "stores", "tertiary"), "sql-n1", "unknown tertiary"),
        (
            ("lync", "pools", 0, "mirroring_ports"),
            {"primary": 5022},
            "mirroring_ports: none for backup",
        ),
    ],
)
def test_whatever_is_wrong_is_said(
    tmp_path: pathlib.Path, where: tuple[str | int, ...], value: t.Any, said: str
) -> None:
    with pytest.raises(EstateError, match=said):
        read(changed(tmp_path, *where, value=value))


@pytest.mark.parametrize("key", ["product", "machines", "sql", "lync", "sites"])
def test_what_must_be_there_is_asked_for(tmp_path: pathlib.Path, key: str) -> None:
    with pytest.raises(EstateError, match=f"{key} must be given"):
        read(changed(tmp_path, key, drop=True))


def test_repeated_keys_missing_files_and_other_documents_are_errors(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "estate.yml"
    path.write_text("name: a\nname: b\n", encoding="utf-8")
    with pytest.raises(EstateError, match="given twice: name"):
        read(path)
    path.write_text("- a\n", encoding="utf-8")
    with pytest.raises(EstateError, match="is not a mapping"):
        read(path)
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(EstateError, match="not a YAML document"):
        read(path)
    with pytest.raises(EstateError, match="no estate 'nowhere'"):
        read("nowhere")


def test_on_one_address_the_machines_differ_by_port() -> None:
    world = build("low_bandwidth", single_address=True, first_port=20000, clock_runs=False)
    machines = list(world.machines.values())
    assert {m.address for m in machines} == {"127.0.0.1"}
    assert [m.port for m in machines] == list(range(20000, 20000 + len(machines)))
    assert all(m.tls for m in machines)


#: What somebody may write in the place of something else.
_ODD: list[t.Any] = [
    None,
    True,
    0,
    -1,
    70000,
    1.5,
    "",
    " ",
    "x",
    "a\x00b",
    "x" * 300,
    [],
    ["x"],
    [1],
    [[]],
    {},
    {"x": 1},
    "\u202e",
    "C:\\x",
    "..",
]


def _places(node: t.Any, where: tuple[str | int, ...] = ()) -> t.Iterator[tuple[str | int, ...]]:
    inner = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in inner:
        yield (*where, key)
        yield from _places(value, (*where, key))


def test_a_mistake_anywhere_is_one_sentence_that_names_the_place(tmp_path: pathlib.Path) -> None:
    places = list(_places(DEFAULT))
    chance = random.Random(7)
    refused: list[str] = []
    for _number in range(250):
        place = chance.choice(places)
        value = chance.choice(_ODD)
        file = changed(tmp_path, *place, value=value, drop=chance.random() < 0.1)
        try:
            build(str(file), clock_runs=False)
        except EstateError as error:
            refused.append(str(error))
    assert len(refused) > 150
    assert [
        text
        for text in refused
        if not text.startswith("estate.yml") or "\n" in text or len(text) > 600
    ] == []


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("defaults", "windows"), "eight", "defaults.windows: 'eight' is not a version of Windows"),
        (
            ("defaults", "powershell"),
            "4",
            "defaults.powershell: '4' is not a version of PowerShell",
        ),
        (("defaults", "port"), 0, "defaults.port: 0 is not a number"),
        (("sql_defaults", "edition"), "", "sql_defaults.edition: '' is not a name"),
        (("dns_suffix",), "C:\\x", "is not a DNS name"),
        (("defaults", "utc_offset_minutes"), 10**9, "is not a number from -840 to 840"),
        (("defaults", "tls"), 1, "is not true or false"),
        (("defaults", "drive_gb"), {"D:": 0}, "defaults.drive_gb.D:: 0 is not a number from 1"),
        (("defaults", "drive_gb"), {"data": 9}, "defaults.drive_gb: 'data' is no drive, as 'D:'"),
    ],
)
def test_values_that_could_only_fail_later(
    tmp_path: pathlib.Path, where: tuple[str, ...], value: t.Any, said: str
) -> None:
    with pytest.raises(EstateError, match=re.escape(said)):
        read(str(changed(tmp_path, *where, value=value)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "None is not a mapping"),
        (b"[]", "is not a mapping"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"a: 2015-99-99", "not a YAML document"),
        (b"a: [" * 5000, "nested too deep"),
        (b"? [a]\n: b", "not a YAML document"),
        (b"a: !!python/object:os.system x", "not a YAML document"),
        (b"a: &a [*a]", "not a YAML document"),
        (b"\x00", "not a YAML document"),
        (b"a" * (2 << 20), "no file of at most 1 MB"),
    ],
)
def test_files_that_are_no_estate(tmp_path: pathlib.Path, content: bytes, said: str) -> None:
    file = tmp_path / "x.yml"
    file.write_bytes(content)
    with pytest.raises(EstateError, match=said) as refused:
        read(str(file))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["none", "../x", "", "a\x00b", "/", "/dev", "/nowhere/x.yml", "x" * 5000]
)
def test_names_of_no_estate(name: str) -> None:
    with pytest.raises(EstateError) as refused:
        read(name)
    assert "\n" not in str(refused.value)


def test_the_readme_of_the_lab_describes_every_key() -> None:
    text = (ESTATES.parents[1] / "README.md").read_text(encoding="utf-8")
    described = text[text.index("## The estate file") :]
    missing = [
        key
        for key in _keys(SHAPE)
        if re.search(
            rf"(?<!\w){'[*][*]' if key.endswith('!') else ''}{key.rstrip('!')}\b", described
        )
        is None
    ]
    assert missing == []


def _keys(shape: t.Any) -> t.Iterator[str]:
    if isinstance(shape, dict):
        for key, inner in shape.items():
            yield key
            yield from _keys(inner)
    elif isinstance(shape, list):
        yield from _keys(shape[0])
    elif isinstance(shape, MapOf):
        yield from _keys(shape.shape)
