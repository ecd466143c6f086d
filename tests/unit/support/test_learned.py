"""What one process had to make, another one is told."""

from __future__ import annotations

import pytest

from support.learned import Learned


@pytest.fixture
def file(tmp_path):
    return tmp_path / "learned"


def test_nothing_is_known_before_anybody_told_anything(file):
    assert Learned(file).news() == []


def test_each_reads_all_of_it_once_in_its_order(file):
    one, other = Learned(file), Learned(file)
    one.tell(b"a")
    other.tell(b"")
    assert one.news() == [b"a", b""]
    one.tell(b"b" * 100_000)
    assert one.news() == [b"b" * 100_000]
    assert other.news() == [b"a", b"", b"b" * 100_000]
    assert one.news() == other.news() == []


@pytest.mark.parametrize("there", range(1, 9))
def test_a_record_that_is_being_written_is_read_when_it_is_whole(file, tmp_path, there):
    Learned(tmp_path / "whole").tell(b"late")
    whole = (tmp_path / "whole").read_bytes()
    learned = Learned(file)
    learned.tell(b"early")
    with file.open("ab") as beside:
        beside.write(whole[:there])
        beside.flush()
        first = learned.news()
        beside.write(whole[there:])
    assert first == ([b"early"] if there < len(whole) else [b"early", b"late"])
    assert learned.news() == ([b"late"] if there < len(whole) else [])
