"""CLIXML shapes of real servers (MS-PSRP 2.2.5) to plain values."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.clixml import (
    Unreadable,
    decoded,
    iso_utc,
    record,
)


def obj(body: str, *types: str) -> str:
    names = "".join(f"<T>{name}</T>" for name in types)
    return f'<Obj RefId="0"><TN RefId="0">{names}</TN>{body}</Obj>'


def test_a_list_may_refer_to_what_stands_in_its_own_properties():
    owner = '<Props><Obj N="Owner" RefId="7"><MS><S N="Name">ann</S></MS></Obj></Props>'
    listed = obj(f'{owner}<LST><S>a</S><Ref RefId="7" /></LST>')
    assert decoded(listed) == ["a", {"Name": "ann"}]


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        (obj("<ToString></ToString>", "System.DBNull", "System.Object"), None),
        (
            obj(
                "<ToString>FailedOver</ToString><I32>1</I32>",
                "Deserialized.Microsoft.Rtc.PoolState",
                "Deserialized.System.Enum",
            ),
            "FailedOver",
        ),
        (
            obj(
                "<LST><S>a</S><Nil /></LST>",
                "Deserialized.System.Collections.Generic.List`1[[Microsoft.Rtc.X, Microsoft.Rtc]]",
            ),
            ["a", None],
        ),
        (
            obj(
                '<DCT><En><S N="Key">k</S><I32 N="Value">1</I32></En></DCT>',
                "System.Collections.Hashtable",
            ),
            {"k": 1},
        ),
        (
            obj('<MS><S N="A">x_x000A_y</S><D N="D">12</D><B N="B">true</B></MS>', "System.Object"),
            {"A": "x\ny", "D": 12, "B": True},
        ),
        (
            obj('<Props><DT N="At">2015-06-01T12:00:00.1234567+02:00</DT></Props>', "Selected.X"),
            {"At": "2015-06-01T10:00:00Z"},
        ),
    ],
)
def test_complex_objects(xml, value):
    assert decoded(xml) == value


def test_a_reference_means_the_object_it_names():
    xml = obj(
        '<MS><Obj N="P" RefId="1"><TN RefId="1"><T>B</T></TN><MS><S N="V">v</S></MS></Obj><Ref'
        ' N="Q" RefId="1" /><Obj N="R" RefId="2"><TNRef RefId="1"'
        " /><LST><I64>5</I64></LST></Obj></MS>",
        "A",
    )
    assert decoded(xml) == {"P": {"V": "v"}, "Q": {"V": "v"}, "R": [5]}


def test_text_of_objects_with_properties_is_kept():
    assert (
        decoded(
            obj(
                '<ToString>Registrar:fe</ToString><Props><S N="Fqdn">fe</S></Props>',
                "Microsoft.Rtc.X",
            )
        )["_text"]
        == "Registrar:fe"
    )


def test_rows_lose_what_datarow_brings_along():
    row = obj(
        '<Props><S N="name">mgc</S><S N="RowError"></S><S N="RowState">Unchanged</S><S'
        ' N="Table"></S><S N="ItemArray">x</S><B N="HasErrors">false</B></Props>',
        "System.Data.DataRow",
    )
    assert record(row) == {"name": "mgc"}


ROW = "System.Data.DataRow"


def test_an_empty_text_in_a_row_is_null_for_every_type_of_column():
    row = obj(
        '<ToString>System.Data.DataRow</ToString><Props><S N="a"></S><S N="b" /><I32'
        ' N="c">0</I32><S N="d"> </S></Props>',
        ROW,
    )
    assert record(row) == {"a": None, "b": None, "c": 0, "d": " "}


def test_an_empty_text_elsewhere_is_an_empty_text():
    assert record(obj('<Props><S N="a"></S><Nil N="b" /></Props>', "Microsoft.Rtc.X")) == {
        "a": "",
        "b": None,
    }


def test_a_row_of_nulls_alone_is_a_row():
    assert record(
        obj('<ToString>System.Data.DataRow</ToString><Props><S N="a"></S></Props>', ROW)
    ) == {"a": None}


def test_a_row_carries_its_columns_only():
    row = obj(
        '<ToString>System.Data.DataRow</ToString><Props><S N="name">mgc</S></Props>',
        ROW,
        "System.Object",
    )
    assert record(row) == {"name": "mgc"}


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ("<S>text</S>", "text"),
        ("<S></S>", ""),
        ("", None),
        ("<Nil />", None),
        ("<D>33000000027200001</D>", 33000000027200001),
        ("<D>1.50</D>", 1.5),
        ("<BA>AP8=</BA>", "0x00FF"),
        ("<C>99</C>", "c"),
        ("<TS>PT1H1M</TS>", "PT1H1M"),
        ("<Version>15.0.4745.0</Version>", "15.0.4745.0"),
        (obj('<S>line</S><MS><S N="PSPath">x</S></MS>', "System.String"), "line"),
        (obj("<IE><S>l1</S><S>l2</S></IE>", "System.Object"), ["l1", "l2"]),
    ],
)
def test_bare_values_become_a_record(xml, value):
    assert record(xml) == {"value": value}


@pytest.mark.parametrize("xml", ["text", "<S>", "<I32>x</I32>", "<DT></DT>" * 2, "<Obj>" * 5000])
def test_what_is_no_clixml_is_said_to_be_none(xml):
    with pytest.raises(Unreadable):
        record(xml)


def test_what_is_nested_too_deeply_is_refused_and_no_recursion_error():
    deep = "<Obj RefId='0'><LST>" * 300 + "</LST></Obj>" * 300
    with pytest.raises(Unreadable):
        record(deep)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2015-06-01T08:00:00Z", "2015-06-01T08:00:00Z"),
        ("2015-06-01T08:00:00.0000000", "2015-06-01T08:00:00"),
        ("never", "never"),
    ],
)
def test_dates(text, value):
    assert iso_utc(text) == value
