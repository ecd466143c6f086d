"""Templates that are compiled once for all runs of a process that forks for each.

Ansible compiles each template whenever it comes to it, which is a sixth of the processor time of a
run. The same text, under the same settings, becomes the same code: a run takes what runs before it
made, and tells what it made itself.
"""

from __future__ import annotations

import importlib
import marshal
import types
import typing as t

from support.learned import Learned

#: The text, whether it is an expression alone, and all that tells how it is read.
Key = tuple[str, bool, tuple[t.Any, ...]]
#: What tells how a template is read.
KNOWN = ("AnsibleEnvironment", "_TemplateCompileContext", "_TEMPLATE_OVERRIDE_FIELD_NAMES")


class CompiledTemplates:
    """Code by what it was made from."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._known: dict[Key, types.CodeType] = {}
        #: How many this process compiled itself.
        self.made = 0
        #: The expression whose tree is about to be compiled.
        self._expression: Key | None = None

    def learn(self) -> None:
        """What others compiled."""
        for record in self._learned.news():
            key, code = marshal.loads(record)
            self._known[key] = code

    def install(self) -> None:
        """From here on Ansible's environment of templates asks here first, if it is the one that is
        known: that of ansible-core 2.19.
        """
        bits: t.Any = importlib.import_module("ansible._internal._templating._jinja_bits")
        if not all(hasattr(bits, name) for name in KNOWN):
            return
        environment: t.Any = bits.AnsibleEnvironment
        compiles = environment.compile
        compiles_expression = environment.compile_expression
        expression_class: t.Any = importlib.import_module("jinja2.environment").TemplateExpression

        def settings(env: t.Any) -> tuple[t.Any, ...]:
            context = bits._TemplateCompileContext.current(optional=True)
            chosen = [getattr(env, name) for name in bits._TEMPLATE_OVERRIDE_FIELD_NAMES]
            return (context is not None and context.escape_backslashes, *chosen)

        def compile_(
            env: t.Any,
            source: t.Any,
            name: str | None = None,
            filename: str | None = None,
            raw: bool = False,
            defer_init: bool = False,
        ) -> t.Any:
            usual = (name, filename, raw, defer_init) == (None, None, False, False)
            if not usual:
                return compiles(env, source, name, filename, raw, defer_init)
            if not isinstance(source, str):
                code = compiles(env, source)
                self._remember(self._expression, code)
                self._expression = None
                return code
            key = (str.__str__(source), False, settings(env))
            code = self._known.get(key)
            if code is None:
                code = compiles(env, source)
                self._remember(key, code)
            return code

        def compile_expression(env: t.Any, source: str, undefined_to_none: bool = True) -> t.Any:
            key = (str.__str__(source), True, settings(env))
            code = self._known.get(key)
            if code is None:
                self._expression = key
                return compiles_expression(env, source, undefined_to_none)
            template = env.template_class.from_code(env, code, env.make_globals(None), None)
            return expression_class(template, undefined_to_none)

        environment.compile = compile_
        environment.compile_expression = compile_expression

    def _remember(self, key: Key | None, code: types.CodeType) -> None:
        if key is not None:
            self._known[key] = code
            self.made += 1
            self._learned.tell(marshal.dumps((key, code)))
