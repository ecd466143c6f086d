"""The page where people see it: no error, nothing wider than a phone, no text that its box cuts off."""
from __future__ import annotations

import html
import json
import re
import shutil
import subprocess

import pytest
from tools.page import document, page

BROWSER = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
SAMPLES = ("healthy", "outage", "failed_over", "split")
#: Runs in a copy of the page without its content policy. What is hidden at this width has no size.
LOOK = """<script>
const problems = [];
addEventListener("error", e => problems.push(String(e.message)));
addEventListener("load", () => {
  const width = document.documentElement.clientWidth;
  for (const text of document.querySelectorAll("svg.drawing g.box")) {
    const frame = text.querySelector("rect");
    if (!frame || !frame.getBoundingClientRect().width) continue;
    const outer = frame.getBoundingClientRect();
    for (const line of text.querySelectorAll("text")) {
      const inner = line.getBoundingClientRect();
      if (inner.left < outer.left - 1 || inner.right > outer.right + 1) problems.push("cut off: " + line.textContent);
    }
  }
  for (const link of document.querySelectorAll("nav a, .skip")) if (link.tabIndex < 0) problems.push("no keyboard: " + link.textContent);
  document.body.setAttribute("data-look", JSON.stringify({width, scroll: document.documentElement.scrollWidth, problems,
    drawn: [...document.querySelectorAll("svg.drawing")].filter(s => s.getBoundingClientRect().width).map(s => s.classList[1])}));
});
</script>"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")


def look(tmp_path, text, width):
    file = tmp_path / "page.html"
    file.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text).replace("</head>", LOOK + "</head>"), encoding="utf-8")
    done = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900",
                           "--virtual-time-budget=2000", "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=90, check=False)
    found = re.search(r'data-look="([^"]*)"', done.stdout)
    assert found, done.stderr[-500:]
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("name", SAMPLES)
def test_it_fits_a_phone_and_a_desk(tmp_path, name):
    for width, layout in ((360, "narrow"), (1280, "wide")):
        seen = look(tmp_path, page(document(name)), width)
        assert seen["problems"] == []
        assert seen["scroll"] <= seen["width"] <= width + 140               # headless windows have a smallest width of their own
        assert seen["drawn"] == [layout]


def test_text_that_is_cut_off_would_be_seen(tmp_path):
    text = page(document("healthy")).replace(">sql-n1</text>", ">sql-n1-with-a-name-that-goes-on-and-on</text>")
    assert any("goes-on" in problem for problem in look(tmp_path, text, 1280)["problems"])
