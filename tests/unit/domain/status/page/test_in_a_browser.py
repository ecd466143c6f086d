"""The page where people see it: nothing on the console, nothing wider than a phone, no text that is
cut off or lies on another.

Only with a browser that is named (PAGE_BROWSER=/usr/bin/chromium ./run test unit): what is
installed decides no test. Geometry is tested in test_layout.py.
"""

from __future__ import annotations

import html
import json
import re

import pytest
from unit.domain.status.page.samples import SAMPLES, large

from dev.documents.status_page import BROWSER, browse, document, page, sample_history

#: Runs beside the page, which stands in a frame of the width that is asked for: windows have a
#: smallest width of their own. What is hidden has no size.
LOOK = """<!DOCTYPE html><body><iframe width="{width}" height="2000" style="border:0" srcdoc="{page}"></iframe>
<script>
addEventListener("load", () => {{
  const page = document.querySelector("iframe").contentDocument, problems = [], sizes = [];
  const frame = e => e.getBoundingClientRect();
  for (const drawn of page.querySelectorAll("svg.drawing, svg.chart")) {{
    const outer = frame(drawn), texts = [...drawn.querySelectorAll("text")].map(e => [e, frame(e)]).filter(([, r]) => r.width);
    for (const [text, inner] of texts) {{
      const rect = text.parentElement.matches(".machine") && text.parentElement.querySelector("rect"), box = rect ? frame(rect) : outer;
      if (inner.left < box.left - 1 || inner.right > box.right + 1) problems.push("cut off: " + text.textContent);
      if (drawn.classList.contains("drawing")) sizes.push(parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a);
    }}
    texts.forEach(([one, a], n) => texts.slice(n + 1).forEach(([two, b]) => {{
      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
        problems.push("overlap: " + one.textContent + " / " + two.textContent);
    }}));
  }}
  for (const link of page.querySelectorAll("a")) if (link.tabIndex < 0) problems.push("no keyboard: " + link.textContent);
  document.body.setAttribute("data-look", JSON.stringify({{problems, smallest: Math.min(...sizes), width: page.documentElement.clientWidth,
    scroll: page.documentElement.scrollWidth, drawn: [...page.querySelectorAll("svg.drawing")].filter(s => frame(s).width).map(s => s.classList[1])}}));
}});
</script></body>"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no browser is named (PAGE_BROWSER)")


def look(tmp_path, text, width):
    file = tmp_path / "frame.html"
    file.write_text(LOOK.format(width=width, page=html.escape(text)), encoding="utf-8")
    done = browse(file, "--window-size=1600,2200", "--dump-dom")
    found = re.search(r'data-look="([^"]*)"', done.stdout)
    assert found, done.stderr[-500:]
    return json.loads(html.unescape(found[1]))


def console(tmp_path, text):
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")
    done = browse(file, "--dump-dom")
    assert "</html>" in done.stdout
    return re.findall(r"CONSOLE.*", done.stderr)


@pytest.mark.parametrize("name", [*SAMPLES, "large"])
def test_it_fits_a_phone_and_a_desk(tmp_path, name):
    seen = large() if name == "large" else document(name)
    for width, layout in ((360, "narrow"), (1280, "wide")):
        found = look(tmp_path, page(seen, sample_history(seen)), width)
        assert found["problems"] == []
        assert found["scroll"] <= found["width"] == width
        assert found["drawn"] == [layout]
        assert found["smallest"] >= 12  # pixels


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_said_on_the_console(tmp_path, name):
    """What the content policy forbids, and whatever else fails, is said there; so nothing was
    fetched either.
    """
    assert console(tmp_path, page(document(name), sample_history(document(name)))) == []


def test_what_would_be_fetched_would_be_seen(tmp_path):
    (refused,) = console(
        tmp_path,
        page(document("healthy")).replace(
            "<main", '<img src="http://pictures.example/one.png" alt=""><main'
        ),
    )
    assert "Content Security Policy" in refused


def test_text_that_is_cut_off_or_lies_on_another_would_be_seen(tmp_path):
    text = (
        page(document("healthy"))
        .replace(">sql-n1</text>", ">sql-n1-with-a-name-that-goes-on-and-on</text>")
        .replace(
            ">all 8 hosts answer</text>",
            ">all 8 hosts answer</text><text x='30' y='50'>again</text>",
        )
    )
    problems = look(tmp_path, text, 1280)["problems"]
    assert {p.partition(":")[0] for p in problems} == {"overlap", "cut off"}
