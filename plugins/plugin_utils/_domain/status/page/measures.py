"""How wide text is, without a browser: advance widths of Helvetica and Helvetica Bold (Adobe's
metrics of the standard fonts), which Arial and Liberation Sans share. FOR INTERNAL COLLECTION USE
ONLY.

Which font a reader has is unknown. So each text of a drawing is given its width (``textLength``): a
narrower or wider font is spaced to it, and what has room here has room everywhere.
"""

from __future__ import annotations

import unicodedata

#: Thousandths of the type size -> the characters that are as wide.
_REGULAR = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " ,./I\\ijl",
    280: "|",
    333: "!()-:;[]`ft",
    389: "*r{}",
    474: '"',
    500: "z",
    556: "#$0123456789J_aceksvxy",
    584: "+<=>^~",
    611: "?FLTZbdghnopqu",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M",
    889: "%m",
    944: "W",
    975: "@",
}
# letters of other scripts; those that East Asian typography calls wide
_OTHER = 750
_FULL = 1000
#: System fonts run a little wider than Helvetica; so none of them has to be pressed much.
_EASE = 1.05


def _by_character(table: dict[int, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for thousandths, characters in table.items():
        found.update(dict.fromkeys(characters, thousandths))
    return found


_WIDTHS = {False: _by_character(_REGULAR), True: _by_character(_BOLD)}


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a text is, in the unit of ``size``, the type size."""
    known = _WIDTHS[bold]
    thousandths = sum(known.get(character) or _unknown(character) for character in text)
    return thousandths * size * _EASE / 1000


def _unknown(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    if character == "\N{HORIZONTAL ELLIPSIS}":
        return _FULL
    return _FULL if unicodedata.east_asian_width(character) in "WF" else _OTHER
