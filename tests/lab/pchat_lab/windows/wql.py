"""WHERE conditions of WQL as far as filters use them: = <> != < > <= >= LIKE IS [NOT] NULL, AND,
OR, NOT, parentheses (WQL reference).
"""

from __future__ import annotations

import operator
import re
import typing as t
from collections.abc import Callable, Mapping

Row = Mapping[str, t.Any]
Condition = Callable[[Row], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<sign><>|!=|<=|>=|=|<|>|\(|\))|(?P<word>[A-Za-z_]\w*))"""
)


_COMPARE: dict[str, Callable[[t.Any, t.Any], t.Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class BadFilter(ValueError):
    """WBEM_E_INVALID_QUERY."""


def condition(text: str) -> Condition:
    """The test that a filter makes of an instance's properties.

    BadFilter when it is not WQL, or names a property that the instance has not.
    """
    tokens: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadFilter(text)
        kind = t.cast(str, match.lastgroup)
        tokens.append((kind, match.group(kind)))
        at = match.end()
    parser = _Parser(tokens, text)
    made = parser.either()
    if parser.tokens:
        raise BadFilter(text)
    return made


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens = tokens
        self.text = text

    def either(self) -> Condition:
        tests = [self.both()]
        while self.take_word("or"):
            tests.append(self.both())
        # Every test is made, even when one has decided: each names properties that must exist.
        return lambda row: True in _outcomes(tests, row)

    def both(self) -> Condition:
        tests = [self.one()]
        while self.take_word("and"):
            tests.append(self.one())
        return lambda row: False not in _outcomes(tests, row)

    def one(self) -> Condition:
        if self.take_word("not"):
            test = self.one()
            return lambda row: not test(row)
        if self.take("sign", "("):
            inner = self.either()
            if not self.take("sign", ")"):
                raise BadFilter(self.text)
            return inner
        return self.comparison()

    def comparison(self) -> Condition:
        kind, name = self.next()
        if kind != "word":
            raise BadFilter(self.text)
        if self.take_word("is"):
            negated = self.take_word("not")
            if not self.take_word("null"):
                raise BadFilter(self.text)
            return lambda row: (self.property(row, name) is None) != negated
        kind, sign = self.next()
        if kind == "word" and sign.lower() == "like":
            pattern = _like(self.value())
            return lambda row: pattern.fullmatch(_shown(self.property(row, name))) is not None
        if kind != "sign" or sign in "()":
            raise BadFilter(self.text)
        wanted = self.value()
        return lambda row: _compare(self.property(row, name), sign, wanted)

    def value(self) -> t.Any:
        kind, text = self.next()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text)
        if kind == "word" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise BadFilter(self.text)

    def property(self, row: Row, name: str) -> t.Any:
        for key, value in row.items():
            if key.lower() == name.lower():
                return value
        raise BadFilter(self.text)

    def next(self) -> tuple[str, str]:
        if not self.tokens:
            raise BadFilter(self.text)
        return self.tokens.pop(0)

    def take(self, kind: str, text: str) -> bool:
        if self.tokens and self.tokens[0] == (kind, text):
            self.tokens.pop(0)
            return True
        return False

    def take_word(self, word: str) -> bool:
        if self.tokens and self.tokens[0][0] == "word" and self.tokens[0][1].lower() == word:
            self.tokens.pop(0)
            return True
        return False


def _outcomes(tests: list[Condition], row: Row) -> list[bool]:
    return [test(row) for test in tests]


def _compare(found: t.Any, sign: str, wanted: t.Any) -> bool:
    if found is None:
        return False
    if isinstance(wanted, bool):
        if not isinstance(found, bool):
            return False
    elif isinstance(wanted, float):
        try:
            found = float(getattr(found, "value", found))
        except (TypeError, ValueError):
            return False
    else:
        found = _shown(found).lower()
        wanted = wanted.lower()
    return bool(_COMPARE[sign](found, wanted))


def _shown(value: t.Any) -> str:
    return "" if value is None else str(getattr(value, "value", value))


def _like(value: t.Any) -> re.Pattern[str]:
    """% any text, _ any character, [a-z] one of, [^a] none of."""
    if not isinstance(value, str):
        raise BadFilter(str(value))
    parts = re.split(r"(\[[^\]]*\])", value)
    text = "".join(
        p if p.startswith("[") else re.escape(p).replace("%", ".*").replace("_", ".") for p in parts
    )
    return re.compile(text, re.IGNORECASE | re.DOTALL)
