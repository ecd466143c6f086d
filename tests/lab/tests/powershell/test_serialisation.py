"""What becomes of an object on its way to the client: the rules of PowerShell's serializer for
remoting.
"""

from __future__ import annotations

import datetime as dt
import decimal
import typing as t
import uuid

import pytest

from pchat_lab.powershell.objects import (
    DBNULL,
    Byte,
    Char,
    Collection,
    Int16,
    Int64,
    PSObject,
    Single,
    Table,
    UInt64,
    Uri,
    Version,
    Xml,
    custom,
    enum,
    noted,
)
from pchat_lab.powershell.serialise import serialised

OBJECT = ["Some.Type", "System.Object"]
STARTED = '<Obj RefId="0"><TN RefId="0"><T>Some.Type</T><T>System.Object</T></TN>'
CUSTOM = '<TN RefId="0"><T>System.Management.Automation.PSCustomObject</T><T>System.Object</T></TN>'


def thing(text: str = "text", **properties: t.Any) -> PSObject:
    return PSObject(OBJECT, properties, text)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", "<S>a</S>"),
        ("", "<S></S>"),
        (True, "<B>true</B>"),
        (-7, "<I32>-7</I32>"),
        (Int64(7), "<I64>7</I64>"),
        (Int16(3), "<I16>3</I16>"),
        (Byte(4), "<By>4</By>"),
        (UInt64(2**64 - 1), "<U64>18446744073709551615</U64>"),
        (1.5, "<Db>1.5</Db>"),
        (2.0, "<Db>2</Db>"),
        (float("nan"), "<Db>NaN</Db>"),
        (Single(1.1), "<Sg>1.1</Sg>"),
        (decimal.Decimal("1.50"), "<D>1.50</D>"),
        (decimal.Decimal("33000000027200001"), "<D>33000000027200001</D>"),
        (b"\x00\xff", "<BA>AP8=</BA>"),
        (Char(99), "<C>99</C>"),
        (uuid.UUID(int=0), "<G>00000000-0000-0000-0000-000000000000</G>"),
        (Version("1.2.3.4"), "<Version>1.2.3.4</Version>"),
        (Uri("http://a.b/"), "<URI>http://a.b/</URI>"),
        (Xml("<a><b /></a>"), "<XD>&lt;a&gt;&lt;b /&gt;&lt;/a&gt;</XD>"),
    ],
)
def test_a_primitive_keeps_its_tag(value: t.Any, written: str) -> None:
    assert serialised(value) == written


def test_null_has_no_body_at_the_top_and_a_tag_below() -> None:
    assert serialised(None) == ""
    assert serialised(custom({"a": None})) == f'<Obj RefId="0">{CUSTOM}<MS><Nil N="a" /></MS></Obj>'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (dt.datetime(2015, 6, 1, 8, 0, 16, tzinfo=dt.UTC), "2015-06-01T08:00:16Z"),
        (dt.datetime(2015, 6, 1, 8, 0, 16), "2015-06-01T08:00:16"),
        (dt.datetime(2015, 6, 1, 8, 0, 16, 500_000), "2015-06-01T08:00:16.5"),
        (
            dt.datetime(2015, 6, 1, 8, 0, 16, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2015-06-01T08:00:16+02:00",
        ),
        (
            dt.datetime(2015, 6, 1, 8, 0, 16, tzinfo=dt.timezone(dt.timedelta(), "local")),
            "2015-06-01T08:00:16+00:00",
        ),
    ],
)
def test_the_kind_of_a_date_is_seen_at_its_end(value: dt.datetime, written: str) -> None:
    assert serialised(value) == f"<DT>{written}</DT>"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (dt.timedelta(minutes=61), "PT1H1M"),
        (dt.timedelta(), "PT0S"),
        (dt.timedelta(days=1), "P1D"),
        (dt.timedelta(seconds=-1.5), "-PT1.5S"),
    ],
)
def test_a_span_of_time_is_iso_8601(value: dt.timedelta, written: str) -> None:
    assert serialised(value) == f"<TS>{written}</TS>"


def test_texts_are_escaped_as_utf_16_code_units() -> None:
    assert (
        serialised("\u00e9\U0001f600 _x000A_ \r\n\t<&>\"' \x7f")
        == "<S>\u00e9_xD83D__xDE00_ _x005F_x000A_ _x000D__x000A__x0009_&lt;&amp;&gt;\"' _x007F_</S>"
    )


def test_below_a_net_object_whatever_is_no_primitive_is_its_text() -> None:
    written = serialised(
        thing(Inner=thing("in", A=1), State=enum("Mode", "Open", 1), Version=Version("1.0"))
    )
    assert written == (
        f'{STARTED}<ToString>text</ToString><Props><S N="Inner">in</S><S '
        'N="State">Open</S><Version N="Version">1.0</Version></Props></Obj>'
    )


def test_sql_null_is_an_empty_text_in_a_row_and_an_object_elsewhere() -> None:
    null = '<TN RefId="{0}"><T>System.DBNull</T><T>System.Object</T></TN><ToString /></Obj>'
    assert '<S N="n"></S>' in serialised(
        PSObject(["System.Data.DataRow", "System.Object"], {"n": DBNULL})
    )
    assert serialised(DBNULL) == f'<Obj RefId="0">{null.format(0)}'
    assert f'<Obj N="n" RefId="1">{null.format(1)}' in serialised(custom({"n": DBNULL}))


def test_the_values_in_a_custom_object_keep_their_own_properties_however_deep_it_lies() -> None:
    written = serialised(custom({"Nested": custom({"Thing": thing(Inner=thing("in", A=1))})}))
    assert '<Obj N="Thing" RefId="2">' in written
    assert '<ToString>text</ToString><Props><S N="Inner">in</S></Props>' in written
    assert '<Obj N="Nested" RefId="1"><TNRef RefId="0" /><MS>' in written


def test_a_list_and_a_dictionary_stay_such_and_their_elements_become_texts_below_a_net_object() -> (
    None
):
    written = serialised(
        thing(
            Names=[thing("one"), 2],
            Table={"k": thing("two")},
            Lazy=Collection(["x"], "An.Iterator", kind="IE"),
            None_=[],
        )
    )
    assert "<LST><S>one</S><I32>2</I32></LST>" in written
    assert '<DCT><En><S N="Key">k</S><S N="Value">two</S></En></DCT>' in written
    assert "<IE><S>x</S></IE>" in written
    assert "<LST />" in written


def test_the_elements_of_a_list_at_the_top_keep_their_properties() -> None:
    assert (
        '<LST><Obj RefId="1"><TN '
        'RefId="1"><T>Some.Type</T><T>System.Object</T></TN><ToString>text</ToString><Props><I32 '
        'N="A">1</I32>' in serialised([thing(A=1)])
    )


@pytest.mark.parametrize("kind", ["STK", "QUE"])
def test_stacks_and_queues_have_tags_of_their_own(kind: str) -> None:
    assert f"<{kind}><I32>1</I32></{kind}>" in serialised(Collection([1], "A.Stack", kind=kind))


def test_a_custom_object_below_a_net_object_is_its_text_with_its_notes() -> None:
    assert (
        '<Obj N="Inner" RefId="1"><S>@{A=1; B=}</S><MS><I32 N="A">1</I32><Nil N="B" /></MS></Obj>'
        in serialised(thing(Inner=custom({"A": 1, "B": None})))
    )


def test_an_object_that_was_written_before_is_referred_to() -> None:
    once = thing("once", A=1)
    written = serialised(custom({"first": once, "again": once}))
    assert '<Ref N="again" RefId="1" />' in written


def test_an_enum_is_a_number_with_a_text_at_the_top() -> None:
    assert serialised(enum("Mode", "Open", 1)) == (
        '<Obj RefId="0"><TN RefId="0"><T>Mode</T><T>System.Enum</T><T>System.ValueType</T>'
        "<T>System.Object</T></TN><ToString>Open</ToString><I32>1</I32></Obj>"
    )


def test_a_text_with_notes_is_wrapped() -> None:
    assert (
        serialised(noted("line", {"ReadCount": Int64(1)}))
        == '<Obj RefId="0"><S>line</S><MS><I64 N="ReadCount">1</I64></MS></Obj>'
    )


def test_what_came_from_the_client_has_deserialized_types() -> None:
    assert "<T>Deserialized.System.Collections.Hashtable</T>" in serialised(
        Table({"a": 1}, "Deserialized.System.Collections.Hashtable")
    )


def test_names_of_properties_are_escaped_too() -> None:
    assert '<I32 N="a &amp; &quot;b&quot;_x000A_">1</I32>' in serialised(custom({'a & "b"\n': 1}))


def test_what_the_lab_has_no_clixml_for_is_refused() -> None:
    with pytest.raises(TypeError, match="no CLIXML for range"):
        serialised(range(3))
