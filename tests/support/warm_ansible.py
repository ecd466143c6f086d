"""ansible-playbook from a process that has imported Ansible and the collection already.

Importing them takes a processor a second for each run, and more for the workers of a run, which
import what their parent has not. Here one process imports, and forks for every run; what runs in
the fork is ansible-playbook's own ``main`` with the arguments of a command line. Its tasks run in
it as well (support/one_process.py), unless the run is asked for with workers.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import typing as t
import warnings

from support import one_process, patience
from support.compiled_templates import CompiledTemplates
from support.known_skeletons import KnownSkeletons
from support.learned import Learned

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.lync.persistent_chat"
#: What runs import besides: the connection's libraries and what Ansible loads late.
LATE = (
    "ansible.executor.playbook_executor",
    "ansible.plugins.connection.psrp",
    "ansible.plugins.strategy.linear",
    "pypsrp.powershell",
    "pypsrp.wsman",
    "pypsrp.negotiate",
    "spnego",
)
#: Of what a run looks at every plugin that there is, whichever it uses.
ALL_OF_A_KIND = ("connection", "shell", "become", "callback", "filter", "test")


class Printed(t.NamedTuple):
    """How a run ended: its exit code, and what it printed on stdout and stderr.

    ``errors`` is empty where both went the same way.
    """

    rc: int
    output: str
    errors: str


class Wanted(t.TypedDict):
    """A run as the process is asked for it, from which folder; files for what it prints.

    ``workers``: its tasks have processes of their own.
    """

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    output: str
    errors: str
    workers: bool


class WarmAnsible:
    """The process, started with the first run.

    ``environment``: what every run has.
    ``learned``: the folder for what runs had to make that others need not; processes may share it.
    """

    def __init__(
        self, environment: t.Mapping[str, str], learned: pathlib.Path | None = None
    ) -> None:
        self._environment = dict(environment)
        self._own_folder: tempfile.TemporaryDirectory[str] | None = None
        if learned is None:
            self._own_folder = tempfile.TemporaryDirectory()
            learned = pathlib.Path(self._own_folder.name)
        self._learned = learned
        self._others: dict[frozenset[tuple[str, str]], WarmAnsible] = {}
        self._process: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def run(
        self,
        arguments: t.Sequence[str],
        environment: t.Mapping[str, str],
        timeout: float,
        apart: bool = False,
        folder: pathlib.Path = ROOT,
        workers: bool = False,
    ) -> Printed:
        """One run, to its end.

        ``arguments``: those of ansible-playbook.
        ``environment``: variables besides; nothing that Ansible reads when it is imported.
        ``timeout``: seconds after which the run and its workers are killed.
        ``apart``: stderr is kept apart.
        ``folder``: from which it is run.
        ``workers``: tasks in processes of their own, as Ansible has them.

        Raises subprocess.TimeoutExpired, and EOFError when the process is gone.
        """
        with self._one_at_a_time, tempfile.TemporaryDirectory() as printed:
            output = pathlib.Path(printed, "out")
            errors = pathlib.Path(printed, "err")
            wanted = Wanted(
                arguments=[*arguments],
                environment={**environment},
                folder=str(folder),
                output=str(output),
                errors=str(errors if apart else output),
                workers=workers,
            )
            process = self._started()
            self._write(process, wanted)
            pid = self._read(process)
            late = threading.Timer(timeout, _kill, [pid])
            late.start()
            try:
                rc = self._read(process)
            except BaseException:
                _kill(pid)
                self.stop()
                raise
            finally:
                in_time = late.is_alive()
                late.cancel()
            if not in_time:
                raise subprocess.TimeoutExpired([*arguments], timeout)
            told = errors.read_text(encoding="utf-8", errors="replace") if apart else ""
            return Printed(rc, output.read_text(encoding="utf-8", errors="replace"), told)

    def given(self, variables: t.Mapping[str, str]) -> WarmAnsible:
        """The one that imported Ansible with these variables as well."""
        if not variables:
            return self
        key = frozenset(variables.items())
        if key not in self._others:
            self._others[key] = WarmAnsible({**self._environment, **variables}, self._learned)
        return self._others[key]

    def stop(self) -> None:
        """End the process; the next run starts another one."""
        for other in self._others.values():
            other.stop()
        process = self._process
        if process is None:
            return
        self._process = None
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "support.warm_ansible", str(self._learned)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=self._environment,
                start_new_session=True,
            )
        return self._process

    @staticmethod
    def _write(process: subprocess.Popen[str], wanted: Wanted) -> None:
        pipe = t.cast("t.IO[str]", process.stdin)
        pipe.write(json.dumps(wanted) + "\n")
        pipe.flush()

    @staticmethod
    def _read(process: subprocess.Popen[str]) -> int:
        line = t.cast("t.IO[str]", process.stdout).readline()
        if not line:
            raise EOFError("the process that has imported Ansible is gone")
        return int(line)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Read a run a line from stdin; write its process id, and then its exit code."""
    _import_all()
    folder = pathlib.Path(sys.argv[1])
    templates = CompiledTemplates(Learned(folder / "templates"))
    pipelines = KnownSkeletons(Learned(folder / "skeletons"))
    gc.collect()
    for line in sys.stdin:
        wanted: Wanted = json.loads(line)
        templates.learn()
        pipelines.learn()
        gc.freeze()
        pid = os.fork()
        if not pid:
            _become(wanted, templates, pipelines)
        print(pid, flush=True)
        _pid, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _import_all() -> None:
    """Ansible with its collection loader, and every module of the collection by its own name."""
    importlib.import_module("ansible.cli.playbook")
    loader: t.Any = importlib.import_module("ansible.plugins.loader")
    loader.init_plugin_loader()
    for kind in ALL_OF_A_KIND:
        list(getattr(loader, f"{kind}_loader").all(class_only=True))
    for name in LATE:
        importlib.import_module(name)
    plugins = ROOT / "plugins"
    for folder in ("plugin_utils", "action", "filter"):
        for file in sorted((plugins / folder).rglob("*.py")):
            if file.stem != "__init__":
                words = file.relative_to(ROOT).with_suffix("").parts
                importlib.import_module(".".join((COLLECTION, *words)))


def _become(wanted: Wanted, templates: CompiledTemplates, pipelines: KnownSkeletons) -> t.NoReturn:
    """ansible-playbook, in this fork, with a session of its own and nothing on stdin."""
    os.setsid()
    patience.make_session_as_nice(os.getpid())
    os.chdir(wanted["folder"])
    _redirect(wanted["output"], wanted["errors"])
    os.environ.update(wanted["environment"])
    sys.argv = ["ansible-playbook", *wanted["arguments"]]
    playbook = importlib.import_module("ansible.cli.playbook")
    _take_a_folder_of_its_own()
    if not wanted["workers"] and one_process.install():
        templates.install()
        pipelines.install()
    warnings.filterwarnings("ignore", message="AnsibleCollectionFinder has already been configured")
    _end(_exit_code(playbook.main))


def _exit_code(program: t.Callable[[], object]) -> int:
    """What a program ends with; an exception that nobody expected is printed."""
    try:
        code = program()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
        code = 1
    return code if isinstance(code, int) else int(code is not None)


def _end(code: int) -> t.NoReturn:
    """Leave as a program does, with its threads joined and all called that asked for it, but do not
    take apart what the parent imported: every page of it would be copied for that.
    """
    t.cast("t.Any", threading)._shutdown()
    t.cast("t.Any", atexit)._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _take_a_folder_of_its_own() -> None:
    """Ansible makes a run's folder for temporary files when it is imported, and removes it at the
    end; the parent's is not ours.
    """
    constants: t.Any = importlib.import_module("ansible.constants")
    remove = importlib.import_module("ansible.config.manager").cleanup_tmp_file
    atexit.unregister(remove)
    beside = pathlib.Path(constants.DEFAULT_LOCAL_TMP).parent
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(
        prefix=f"ansible-local-{os.getpid()}", dir=beside
    )
    atexit.register(remove, constants.DEFAULT_LOCAL_TMP, warn=True)


def _redirect(output: str, errors: str) -> None:
    how = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, output, how),
        (2, errors, how),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)


if __name__ == "__main__":
    main()
