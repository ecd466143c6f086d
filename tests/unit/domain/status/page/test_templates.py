"""The page as text: everything escaped, nothing fetched, readable by machines, with enough contrast
in both schemes.
"""

from __future__ import annotations

import copy
import html.parser
import itertools
import json
import re
import xml.etree.ElementTree as ET

import pytest

from dev.documents.status_page import DRAWINGS, TEMPLATES, document, drawing, page

SAMPLES = ("healthy", "outage", "failed_over", "split")
HOSTILE = "<img src=x onerror=alert(1)>\"'&"
HISTORY = "".join(
    json.dumps(
        {
            "at": f"2015-06-01T10:{m:02}:00Z",
            "pool": "chat.contoso.example",
            "situation": "Healthy",
            "backup_minutes": m,
            "copy_minutes": None,
            "restore_minutes": 3,
            "loss_minutes": 4,
        }
    )
    + "\n"
    for m in (1, 20, 40)
)


class Outline(html.parser.HTMLParser):
    """Tags in order, ids, fragments that are linked to."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.wanted, self.attributes = [], set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        known = dict(attrs)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids |= {known["id"]} if "id" in known else set()
        self.wanted |= {known["href"][1:]} if str(known.get("href", "")).startswith("#") else set()
        self.wanted |= set((known.get("aria-labelledby") or "").split())


def hostile(value):
    """The same document with text that would break out of HTML wherever a host's own words
    stand.
    """
    if isinstance(value, dict):
        return {
            k: (
                HOSTILE
                if k in ("why", "text", "sentence", "share_error", "operator", "mirroring_state")
                and isinstance(v, str)
                else hostile(v)
            )
            for k, v in value.items()
        }
    return [hostile(v) for v in value] if isinstance(value, list) else value


def test_every_expression_of_the_templates_is_escaped():
    """Those that only put the page together, call a macro of ours, or write JSON lines are not text
    of a host.
    """
    ours = re.compile(r"^(icon|badge|mark)\(|^status_history_read\.content")
    open_ones = [
        (file.name, found)
        for file in TEMPLATES.iterdir()
        for found in re.findall(r"\{\{-?\s*(.*?)\s*-?\}\}", file.read_text(encoding="utf-8"), re.S)
        if not found.endswith("| e") and not ours.match(found)
    ]
    assert open_ones == []


@pytest.mark.parametrize("name", SAMPLES)
def test_hostile_words_stay_words(name):
    text = page(hostile(document(name)), HISTORY)
    assert "<img" not in text
    assert "onerror=alert(1)&gt;" in text
    assert not any(
        attribute.startswith("on") for _tag, attribute, _value in Outline(text).attributes
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_needs_nobody_else(name):
    outline = Outline(page(document(name), HISTORY))
    assert not {"script", "iframe", "object", "form"} & set(outline.tags)
    fetched = [
        (t, a, v)
        for t, a, v in outline.attributes
        if a in ("src", "href") and not v.startswith(("#", "data:,"))
    ]
    assert fetched == []
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page(document(name)))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_can_be_walked_without_eyes(name):
    text = page(document(name), HISTORY)
    outline = Outline(text)
    assert outline.wanted <= outline.ids
    headings = [int(tag[1]) for tag in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(headings))
    assert {"header", "main", "nav", "footer"} <= set(outline.tags)
    assert ("html", "lang", "en") in outline.attributes
    pictures = re.findall(r'<svg[^>]*class="(?:drawing|chart)[^>]*>', text)
    assert all('role="img"' in p and "aria-labelledby" in p for p in pictures)
    assert len(pictures) == 2 + 4


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_drawing_in_the_documentation_is_current(name):
    """python -m dev.documents.status_page writes it anew."""
    assert DRAWINGS[name].read_text(encoding="utf-8") == drawing(document(name))
    ET.fromstring(drawing(document(name)))


def test_without_a_history_there_are_no_charts():
    assert 'id="lag"' not in page(document("healthy"))
    assert 'id="lag"' in page(document("healthy"), HISTORY)


def test_a_time_that_nobody_tells_is_said():
    seen = copy.deepcopy(document("outage"))
    seen["at"] = None
    assert "does not tell the time" in page(seen)


def luminance(colour):
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return sum(
        w * (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4)
        for w, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True)
    )


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def schemes():
    text = (TEMPLATES / "colours.css.j2").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", text, re.S)
    assert len(blocks) == 3
    return [dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in blocks]


@pytest.mark.parametrize("scheme", range(3), ids=["light", "dark", "print"])
def test_text_stands_out(scheme):
    """WCAG 2.1, 1.4.3: 4.5 to 1."""
    colours = {**schemes()[0], **schemes()[scheme]}
    pairs = [(ink, ground) for ink in ("text", "quiet") for ground in ("page", "card", "panel")]
    pairs += [
        (state, ground)
        for state in ("good", "warn", "bad", "idle", "unknown")
        for ground in ("card", "panel", f"{state}-wash")
    ]
    pairs += [
        (ink, f"{state}-wash")
        for ink in ("text", "quiet")
        for state in ("good", "warn", "bad", "idle", "unknown")
    ]
    weak = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in pairs
        if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    }
    assert weak == {}
