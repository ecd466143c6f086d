"""One task at many hosts at the same time. FOR INTERNAL COLLECTION USE ONLY.

Ansible opens one connection for a task; with twenty hosts, some of them lost, a look host by host
would wait for one time-out after the other, and how many it does at a time depends on ``forks``.
The connection plugins are only asked for their options, as everywhere in this collection; they are
never opened.
"""

from __future__ import annotations

import concurrent.futures
import functools
import os
import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible import constants as C
from ansible.plugins.loader import connection_loader

from .._engine.errors import HostRefuses, PChatError
from .._transport.session import PsrpSession
from .._transport.winrm_endpoint import ConnectionUnusable, Endpoint, endpoint_of, impatient
from .base import PChatAction, plain

#: More at the same time gain nothing: the estate of a stretched pool has about twenty hosts.
MOST_AT_ONCE = 32
#: A look may take so many times the seconds within which one answer must come.
WHOLE_LOOK = 15
Answer = t.TypeVar("Answer")


class ManyHostsAction(PChatAction):
    """Gives its subclasses sessions to other hosts than the task's own."""

    _requires_connection = False

    def on_each(
        self,
        names: Sequence[str],
        within: int | None,
        work: Callable[[str, PsrpSession], Answer],
        instances: Mapping[str, str] | None = None,
        whole: float | None = None,
        patience: Callable[[str], float] | None = None,
    ) -> dict[str, Answer | PChatError]:
        """``work(name, session)`` for all hosts at the same time.

        The session is closed afterwards; errors of the collection take the result's place.

        ``within``: seconds after which a host counts as not answering (None: the time-outs of its
        connection); ``whole``: seconds for everything that is asked of one host, whatever it does
        in between (None: a multiple of ``within``). ``patience``: seconds within which a host must
        say that it is there at all before it is worked with (None: nobody asks).
        """
        if whole is None and within is not None:
            whole = float(within * WHOLE_LOOK)
        # Templating is not for threads.
        sessions = {
            name: self._session_to(name, within, (instances or {}).get(name, ""), whole)
            for name in names
        }

        def one(name: str) -> Answer | PChatError:
            opened = sessions[name]
            if isinstance(opened, PChatError):
                return opened
            try:
                with opened as session:
                    if patience is not None:
                        session.probe(patience(name))
                    return work(name, session)
            except PChatError as error:
                return error
            # one odd host must not end the look at the others
            except Exception as error:
                return HostRefuses(
                    f"{name} could not be read: {type(error).__name__}: {error}", status="garbled"
                )

        at_once = min(MOST_AT_ONCE, max(len(names), 1))
        with concurrent.futures.ThreadPoolExecutor(max_workers=at_once) as pool:
            return dict(zip(names, pool.map(one, names), strict=True))

    def _session_to(
        self, name: str, within: int | None, instance: str, whole: float | None
    ) -> PsrpSession | PChatError:
        """Not open yet; or the error that the host's variables lead to."""
        endpoint = self.endpoint(name)
        if isinstance(endpoint, PChatError):
            return endpoint
        if within is not None:
            endpoint = impatient(endpoint, within)
        return self.session(instance, endpoint, name=name, whole=whole)

    def endpoint(self, name: str) -> Endpoint | PChatError:
        """How this host is connected to, or the error that its variables lead to. While a task runs
        it is the same.
        """
        if name not in self._endpoints:
            try:
                self._endpoints[name] = endpoint_of(self._connection_of(self.variables_of(name)))
            except PChatError as error:
                self._endpoints[name] = error
        return self._endpoints[name]

    @functools.cached_property
    def _endpoints(self) -> dict[str, Endpoint | PChatError]:
        return {}

    def _connection_of(self, variables: Mapping[str, t.Any]) -> t.Any:
        """The host's connection plugin with its options set as Ansible sets them for a task."""
        context = self._play_context
        name = str(variables.get("ansible_connection") or plain(self._connection.transport))
        connection: t.Any = connection_loader.get(  # type: ignore[no-untyped-call]
            name, context, os.devnull
        )
        if connection is None:
            raise ConnectionUnusable(f"There is no connection plugin {name!r}.", connection=name)
        wanted = C.config.get_plugin_vars(  # type: ignore[no-untyped-call]
            "connection", connection._load_name
        )
        options: dict[str, t.Any] = {key: variables[key] for key in wanted if key in variables}
        if getattr(connection, "allow_extras", False):
            prefix = f"ansible_{connection.extras_prefix}_"
            options["_extras"] = {
                key: variables[key]
                for key in variables
                if key.startswith(prefix) and key not in options
            }
        keys = {
            "remote_user": context.remote_user,
            "port": context.port,
            "timeout": context.timeout,
        }
        if context.password:
            keys["password"] = context.password
        connection.set_options(task_keys=keys, var_options=options)
        return connection
