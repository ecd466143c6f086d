"""The endpoints of hosts other than the task's own, so that one task can look at a whole estate at once.

Ansible opens one connection for a task; with twenty hosts, some of them lost, a look host by host would wait for one time-out after the
other, and how many it does at a time depends on ``forks``. The connection plugins are only asked for their options, as everywhere
in this collection; they are never opened. FOR INTERNAL COLLECTION USE ONLY.
"""
from __future__ import annotations

import dataclasses
import os
import typing as t

from .endpoint import ConnectionUnusable, Endpoint, endpoint_of


def endpoint_of_host(variables: t.Mapping[str, t.Any], play_context: t.Any, default: str) -> Endpoint:
    """``variables``: the host's hostvars; ``default``: the play's connection. Raises ConnectionUnusable."""
    from ansible import constants as C
    from ansible.plugins.loader import connection_loader
    name = str(variables.get("ansible_connection") or default)
    connection = connection_loader.get(name, play_context, os.devnull)  # type: ignore[no-untyped-call]
    if connection is None:
        raise ConnectionUnusable(f"There is no connection plugin {name!r}.", connection=name)
    wanted = C.config.get_plugin_vars("connection", connection._load_name)  # type: ignore[no-untyped-call]
    options: dict[str, t.Any] = {key: variables[key] for key in wanted if key in variables}
    if getattr(connection, "allow_extras", False):
        prefix = f"ansible_{connection.extras_prefix}_"
        options["_extras"] = {key: variables[key] for key in variables if key.startswith(prefix) and key not in options}
    keys = {"remote_user": play_context.remote_user, "port": play_context.port, "timeout": play_context.timeout}
    if play_context.password:
        keys["password"] = play_context.password
    connection.set_options(task_keys=keys, var_options=options)
    return endpoint_of(connection)


def impatient(endpoint: Endpoint, seconds: int) -> Endpoint:
    """The same endpoint for a look: a host that does not answer within this time counts as not answering."""
    now = {"connection_timeout": seconds, "read_timeout": seconds + 5, "operation_timeout": seconds, "reconnection_retries": 0}
    return dataclasses.replace(endpoint, wsman={**endpoint.wsman, **now})
