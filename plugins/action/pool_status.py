# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/pool_status.py. Connects to nothing."""

from __future__ import annotations

import typing as t

from ..plugin_utils._action.base import PChatAction, Refused, Result, show
from ..plugin_utils._domain.status import lines as status_lines
from ..plugin_utils._domain.status import pool_status


class PoolStatusOptions(pool_status.Asked):
    """``query``, ``fail_when``: JMESPath on the document, '' for none."""

    quiet: bool
    query: str
    fail_when: str


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = pool_status.POOL_STATUS_SPEC

    def act(self, options: PoolStatusOptions) -> Result:
        document = pool_status.status_of(options)
        lines = [] if options["quiet"] else list(status_lines.lines(document))
        show(lines)
        selected = _search(options["query"], document) if options["query"] else None
        result = {
            "changed": False,
            "document": document,
            "warnings_found": document["warnings"],
            "selected": selected,
            "shape": pool_status.shape_of(document),
            "lines": lines,
        }
        if options["fail_when"] and _search(options["fail_when"], document):
            raise Refused(
                f"status_fail_when holds: {options['fail_when']}. Situation"
                f" {document['situation']['name']};"
                f" {'; '.join(w.rstrip('.') for w in document['warnings']) or 'no warnings'}.",
                code="status_fail_when",
                document=document,
                selected=selected,
                lines=lines,
            )
        return result


#: Characters of a query. The parser calls itself for each part of an expression, so it has to have
#: an end.
LONGEST_QUERY = 10_000


def _search(expression: str, document: t.Any) -> t.Any:
    """What a JMESPath expression finds. Refuses (``bad_query``) what is none."""
    import jmespath  # type: ignore[import-untyped]
    from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

    if len(expression) > LONGEST_QUERY:
        raise Refused(
            f"The query has {len(expression)} characters; at most {LONGEST_QUERY} can be evaluated."
            " Split it, or select from the document that the task returns.",
            code="bad_query",
        )
    try:
        return jmespath.search(expression, document)
    except JMESPathError as error:
        raise Refused(
            f"{expression!r} is not a JMESPath expression that can be evaluated: {error}. See"
            " https://jmespath.org.",
            code="bad_query",
        ) from error
    except RecursionError as error:
        raise Refused(
            f"The query that begins with {expression[:60]!r} is nested too deep to be evaluated."
            " Split it, or select from the document that the task returns.",
            code="bad_query",
        ) from error
