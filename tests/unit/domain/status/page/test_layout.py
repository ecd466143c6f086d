"""Nothing in a drawing lies on anything else or is cut off: every text has its width, whatever
fonts a reader has.
"""

from __future__ import annotations

import itertools
import re

import pytest
from unit.domain.status.page.samples import LONG, SAMPLES, large, renamed

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page import (
    charts,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page import (
    drawing as drawings,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page.measures import (  # noqa: E501
    width,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page.shapes import (  # noqa: E501
    SIZES,
    fit,
)
from dev.documents.status_page import TEMPLATES, document, drawing

# of the type size, above and below the line on which text stands
UP, DOWN = 0.80, 0.22


def frame(text):
    size, _bold = SIZES[text.kind]
    return text.left, text.y - UP * size, text.left + text.length, text.y + DOWN * size


def problems(seen, layout):
    found, picture = [], drawings.drawing(seen, layout)
    everything = [
        *picture["captions"],
        *itertools.chain.from_iterable(link.texts for link in picture["links"]),
    ]
    inside = [(text, box) for box in picture["boxes"] for text in box.texts]
    for text, box in inside:
        left, top, right, bottom = frame(text)
        if left < box.x or right > box.x + box.w or top < box.y or bottom > box.y + box.h:
            found.append(f"cut off: {text.text}")
    for text in everything:
        left, _top, right, _bottom = frame(text)
        if left < 0 or right > picture["width"]:
            found.append(f"cut off: {text.text}")
    for one, two in itertools.combinations([*(text for text, _box in inside), *everything], 2):
        a, b = frame(one), frame(two)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            found.append(f"overlap: {one.text} / {two.text}")
    return found


@pytest.mark.parametrize("layout", ["wide", "narrow"])
@pytest.mark.parametrize("name", [*SAMPLES, "large", *LONG])
def test_nothing_overlaps_and_nothing_is_cut_off(name, layout):
    seen = large() if name == "large" else renamed(name) if name in LONG else document(name)
    assert problems(seen, layout) == []


def test_what_lies_on_something_else_would_be_seen(monkeypatch):
    monkeypatch.setattr(
        "ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page.shapes.width",
        lambda *_a: 500.0,
    )
    assert {p.partition(":")[0] for p in problems(document("healthy"), "wide")} == {
        "overlap",
        "cut off",
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_every_text_of_a_picture_is_told_how_wide_it_is(name):
    texts = re.findall(r"<text [^>]*>", drawing(document(name)))
    assert len(texts) > 40
    assert all(
        re.search(r'textLength="[0-9.]+" lengthAdjust="spacingAndGlyphs"', text) for text in texts
    )


def test_sizes_are_those_of_the_style_sheet():
    style = (TEMPLATES / "drawing.css.j2").read_text(encoding="utf-8")
    usual = re.search(r"svg text \{[^}]*font-size: (\d+)px", style)[1]
    for kind, (size, bold) in SIZES.items():
        rule = re.search(rf"svg text\.{kind} \{{([^}}]*)\}}", style)
        said = rule[1] if rule else ""
        told = re.search(r"font-size: (\d+)px", said)
        assert float(told[1] if told else usual) == size, kind
        assert ("font-weight: 6" in said) == bold, kind


def test_what_fits_is_as_wide_as_there_is_room():
    for text in (
        "sql-n1",
        "a name that goes on and on",
        "Имя-сервера-которое-не-кончается",
        "数据库服务器的名称很长很长",
    ):
        for room in (30, 80, 200):
            shown = fit(text, room)
            assert width(shown, 13) <= room
            assert shown == text or shown.endswith("…")


def test_dates_below_a_chart_have_room_in_any_font():
    """Its type changes with the width of the page, so its texts are not given a width: they have
    one and a half times that of digits in the widest font.
    """
    assert 2 * len("06-01 11:07") * 13 * 0.9 < charts.RIGHT - charts.LEFT
