"""README.md in a clone, on GitHub and on Galaxy: its links and pictures lead to what is meant."""

from __future__ import annotations

import pathlib
import re

import pytest

from dev.release import readme

ROOT = pathlib.Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def targets(text):
    return [*re.findall(r"\]\(([^)\s]+)", text), *re.findall(r"^\[[^\]]+\]: (\S+)", text, re.M)]


def test_beside_the_files_it_leads_to_files():
    assert len(targets(README)) > 15
    assert [target for target in targets(README) if not (ROOT / target).exists()] == []


def test_on_galaxy_it_leads_to_the_repository():
    given = readme.for_galaxy(README, ROOT)
    whole = targets(given)
    assert len(whole) == len(targets(README))
    assert [target for target in whole if not target.startswith(readme.REPOSITORY)] == []
    strange = re.sub(rf"{re.escape(readme.REPOSITORY)}/(?:blob|tree)/main/", "", given)
    assert strange.replace("?raw=true", "") == README


def test_pictures_are_files_and_folders_are_trees():
    text = "![x](docs/images/failover.svg) [y](examples/inventories) [z](docs/operating.md#a)"
    given = readme.for_galaxy(text, ROOT)
    assert "/blob/main/docs/images/failover.svg?raw=true)" in given
    assert "/tree/main/examples/inventories)" in given
    assert "/blob/main/docs/operating.md#a)" in given


@pytest.mark.parametrize("text", ["[x](https://a.example/b)", "[x](#below)", "`[x]`: y(z)"])
def test_what_leads_elsewhere_is_left_alone(text):
    assert readme.for_galaxy(text, ROOT) == text


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"nowhere\.md, which is not there"):
        readme.for_galaxy("[x](nowhere.md)", ROOT)
