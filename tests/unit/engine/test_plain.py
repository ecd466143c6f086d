"""Values of Ansible become plain, of exactly the types that writers take."""

from __future__ import annotations

import collections
import datetime as dt

import pytest
import yaml
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.plain import PLAIN, plain


def _itself(text):
    return text


class Stubborn(str):
    """As AnsibleUnsafeText of ansible-core 2.17: whatever is made of it is as unsafe as before."""

    __str__ = _itself

    def __getitem__(self, key):
        return Stubborn(super().__getitem__(key))

    def lower(self):
        return Stubborn(super().lower())


class StubbornNumber(int):
    def __int__(self):
        return self


class StubbornBytes(bytes):
    def decode(self, *_arguments):
        return Stubborn(bytes.decode(self))


def exact(value):
    if value.__class__ is dict:
        return all(exact(k) and exact(v) for k, v in value.items())
    if value.__class__ is list:
        return all(map(exact, value))
    return type(value) in PLAIN


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (Stubborn("sql-n1"), "sql-n1"),
        (StubbornNumber(5022), 5022),
        (True, True),
        (1.5, 1.5),
        (StubbornBytes(b"chat"), "chat"),
        ({Stubborn("key"): (Stubborn("a"), None)}, {"key": ["a", None]}),
        (collections.UserDict({"a": Stubborn("b")}), {"a": "b"}),
        ({Stubborn("b"), Stubborn("a")}, ["a", "b"]),
        (
            dt.datetime(2015, 6, 1, 8, tzinfo=dt.UTC),
            "2015-06-01T08:00:00+00:00",
        ),
        (dt.date(2015, 6, 1), "2015-06-01"),
        ({"deep": [{"er": [Stubborn("x")]}]}, {"deep": [{"er": ["x"]}]}),
    ],
)
def test_every_type_becomes_exactly_plain_and_means_the_same(given, wanted):
    made = plain(given)
    assert exact(made), made
    assert made == wanted


def test_a_yaml_writer_refuses_what_is_not_plain_and_takes_what_is():
    with pytest.raises(yaml.representer.RepresenterError):
        yaml.safe_dump({"host": Stubborn("sql-n1")})
    assert yaml.safe_dump(plain({"host": Stubborn("sql-n1")})) == "host: sql-n1\n"


def test_what_this_ansible_marks_becomes_plain():
    marked = wrap_var({"host": "sql-n1", "ports": [5022, 7022], "deep": {"name": "mgc"}})
    assert exact(plain(marked))
