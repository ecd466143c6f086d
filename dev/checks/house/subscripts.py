"""``value["key"]`` and ``value.get("key")`` whose value has no type, as mypy sees it.

A key of a ``TypedDict`` is checked: a wrong one fails, and its value has a type of its own. A key
of a ``dict[str, Any]`` is a hope, and so is what comes out of it.
"""

from __future__ import annotations

import ast
import importlib.metadata
import pathlib
import typing as t
from collections.abc import Iterator, Sequence

from mypy import build, errors, inspections, main, maptype, nodes, types
from mypy import options as mypy_options

from .source import ROOT, Source

#: Where imports find the plugins: the same file under another path would be another module.
COLLECTION = ROOT / ".cache" / "collections" / "ansible_collections" / "lync" / "persistent_chat"

MAPPING = "typing.Mapping"
#: Methods of a mapping whose first value is a key.
TAKING = frozenset({"get", "pop", "setdefault"})

SUBSCRIPT = "untyped-subscript"
GET = "untyped-get"


class Found(t.NamedTuple):
    """A key that is taken from something without a type: how, and in which line."""

    kind: str
    line: int


class NotTyped(Exception):
    """mypy could not give the files their types; the text is its own."""


def untyped_keys(
    sources: Sequence[Source], typed: build.BuildResult | None = None
) -> dict[pathlib.Path, list[Found]]:
    """For each file the text keys that are taken from untyped values. ``typed``: what mypy made of
    them; None: it is asked. Raises ``NotTyped``.
    """
    answer = typed or types_of([_as_imported(source.path) for source in sources])
    trees = {pathlib.Path(state.xpath).absolute(): state.tree for state in answer.graph.values()}
    found: dict[pathlib.Path, list[Found]] = {}
    for source in sources:
        tree = trees.get(_as_imported(source.path))
        if tree is None:
            raise NotTyped(f"mypy read another file than {source.path}, so nothing is known of it.")
        found[source.path] = list(_untyped(source, tree, answer.types))
    return found


def errors_in(typed: build.BuildResult) -> list[str]:
    """What mypy has to say against it, a line each; its notes are no errors."""
    return [line for line in typed.errors if ": error: " in line]


def types_of(files: Sequence[pathlib.Path] = ()) -> build.BuildResult:
    """What mypy makes of these files, or of all that pyproject.toml tells it to check. Raises
    ``NotTyped``.
    """
    settings = ["--config-file", str(ROOT / "pyproject.toml")]
    targets, options = main.process_options([*settings, *map(str, files)])
    options.incremental = False  # what comes from a cache has lost the types of expressions
    options.export_types = True
    options.preserve_asts = True
    options.check_untyped_defs = True
    _read_signatures_only_of_libraries(options)
    try:
        return build.build(targets, options)
    except errors.CompileError as error:
        raise NotTyped("\n".join(error.messages)) from error


def _read_signatures_only_of_libraries(options: mypy_options.Options) -> None:
    """mypy leaves out the bodies of what is installed, unless trees are to be preserved; ours are,
    and to read the others' as well would take twice the time.
    """
    for package in importlib.metadata.packages_distributions():
        settings = options.per_module_options.setdefault(f"{package}.*", {})
        settings.update(preserve_asts=False)


def _untyped(
    source: Source, tree: nodes.MypyFile, known: dict[nodes.Expression, types.Type]
) -> Iterator[Found]:
    """Nodes of Python's tree and of mypy's are the same where they begin and end alike."""
    for node in source.nodes:
        key = _key_of(node)
        if key is None:
            continue
        kind, base = key
        place = (base.lineno, base.col_offset, base.end_lineno or 0, base.end_col_offset or 0)
        same = inspections.find_by_location(tree, *place)
        # Some have no type: Literal["text"], code that mypy knows is never reached.
        if same is not None and same in known and has_no_types(known[same]):
            yield Found(kind, place[2])


def _key_of(node: ast.AST) -> tuple[str, ast.expr] | None:
    """How a text key is taken and from what, None when the node does nothing of the kind."""
    if isinstance(node, ast.Subscript) and _is_text(node.slice):
        return SUBSCRIPT, node.value
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr in TAKING and node.args and _is_text(node.args[0]):
        return GET, node.func.value
    return None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def has_no_types(base: types.Type) -> bool:
    """Whether nothing is known of a mapping's values: it is ``Any``, or they (``object``) are."""
    base = types.get_proper_type(base)
    if isinstance(base, types.AnyType):
        return True
    if isinstance(base, types.UnionType):
        return any(has_no_types(item) for item in base.items)
    if isinstance(base, types.TypeVarType):
        return has_no_types(base.upper_bound)
    if not isinstance(base, types.Instance):
        return False
    value = _value_of_mapping(base)
    return value is not None and _says_nothing(value)


def _value_of_mapping(base: types.Instance) -> types.Type | None:
    """The type of a mapping's values, None for what is no mapping."""
    for info in base.type.mro:
        if info.fullname == MAPPING:
            return maptype.map_instance_to_supertype(base, info).args[1]
    return None


def _says_nothing(value: types.Type) -> bool:
    value = types.get_proper_type(value)
    if isinstance(value, types.Instance):
        return value.type.fullname == "builtins.object"
    return isinstance(value, types.AnyType)


def _as_imported(file: pathlib.Path) -> pathlib.Path:
    """The path by which imports reach this file."""
    absolute = file.absolute()
    plugins = ROOT / "plugins"
    if plugins in absolute.parents:
        return COLLECTION / absolute.relative_to(ROOT)
    return absolute
