"""What ansible-test and the tarball are made from holds what belongs, and nothing else."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
import yaml

from dev.release import package, staging

ROOT = pathlib.Path(__file__).parents[3]
#: The only places from which something reaches a user; what is new at the top is either named here
#: or in build_ignore.
SHIPPED_FOLDERS = {
    "changelogs",
    "docs",
    "examples",
    "extensions/eda",
    "extensions/jea",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
SHIPPED_FILES = {
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "MAINTAINERS.md",
    "README.md",
    "SECURITY.md",
    "bindep.txt",
    "requirements.txt",
}
NEVER = {
    "suffix": {
        ".bak",
        ".cer",
        ".crt",
        ".gz",
        ".key",
        ".log",
        ".orig",
        ".pem",
        ".pfx",
        ".pid",
        ".pyc",
        ".rej",
        ".retry",
        ".sqlite",
        ".swp",
        ".tmp",
        ".whl",
        ".zip",
    },
    "name": {".DS_Store", ".env", "connection.yml", "importer_result.json", "vault_password"},
    "folder": {
        ".ansible",
        ".cache",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        "__pycache__",
        "collections",
        "node_modules",
        "output",
        "venv",
    },
}
LARGEST = 1024 * 1024


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A git repository of its own that staging takes for the clone."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("/.cache/\n*.tar.gz\n", encoding="utf-8")
    monkeypatch.setattr(staging, "ROOT", tmp_path)
    monkeypatch.setattr(staging, "STAGE", tmp_path / ".cache" / "stage")
    return tmp_path


@pytest.fixture(scope="module")
def names():
    try:
        return staging.files()
    except staging.StagingError:
        pytest.skip("not a git checkout")


def faults(names, root):
    """What must never be staged, with the reason."""
    for name in names:
        if (
            name.suffix in NEVER["suffix"]
            or name.name in NEVER["name"]
            or NEVER["folder"] & set(name.parts[:-1])
        ):
            yield f"{name}: left behind by a tool or a run"
        elif (root / name).is_symlink():
            yield f"{name}: a link"
        elif (root / name).stat().st_size > LARGEST:
            yield f"{name}: larger than {LARGEST} bytes"


def shipped(names):
    ignored = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]
    return [name for name in names if package.belongs(str(name), ignored)]


def allowed(name):
    return str(name) in SHIPPED_FILES or any(
        str(name).startswith(f"{folder}/") for folder in SHIPPED_FOLDERS
    )


def test_nothing_is_staged_that_a_run_left_behind(names):
    assert len(names) > 100
    assert list(faults(names, ROOT)) == []


@pytest.mark.parametrize(
    "planted",
    [
        "plugins/modules/.swp.swp",
        "certs/ca.pem",
        "roles/__pycache__/x.py",
        "connection.yml",
        "docs/huge.md",
    ],
)
def test_a_planted_fault_is_found(tmp_path, planted):
    path = tmp_path / planted
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * (LARGEST + 1 if path.name == "huge.md" else 1))
    assert len(list(faults([pathlib.PurePosixPath(planted)], tmp_path))) == 1


def test_the_tarball_ships_only_what_a_user_has_use_for(names):
    assert [str(name) for name in shipped(names) if not allowed(name)] == []


@pytest.mark.parametrize(
    "development",
    [
        "tests/lab/pchat_lab/__main__.py",
        "run",
        "noxfile.py",
        "inventories/default/hosts.yml",
        "dev/requirements/dev.txt",
        ".github/workflows/checks.yml",
        "extensions/molecule/config.yml",
        "galaxy.yml",
    ],
)
def test_development_is_left_out(development):
    assert shipped([pathlib.PurePosixPath(development)]) == []


@pytest.mark.parametrize(
    "needed",
    [
        "requirements.txt",
        "meta/runtime.yml",
        "plugins/modules/mirroring.py",
        "playbooks/site.yml",
        "extensions/eda/rulebooks/status.yml",
        "changelogs/changelog.yaml",
        "LICENSE",
    ],
)
def test_what_a_user_needs_is_there(names, needed):
    assert pathlib.PurePosixPath(needed) in shipped(names)


def test_ignored_and_deleted_files_are_not_staged_and_new_ones_are(checkout):
    for name in ("kept.txt", "deleted.txt", "built.tar.gz", ".cache/x"):
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text(name, encoding="utf-8")
    subprocess.run(["git", "add", "--all"], cwd=checkout, check=True)
    (checkout / "deleted.txt").unlink()
    (checkout / "new file.txt").write_text("new", encoding="utf-8")
    assert {str(name) for name in staging.files()} == {".gitignore", "kept.txt", "new file.txt"}


def test_a_stage_is_made_anew(checkout):
    (checkout / "one.txt").write_text("1", encoding="utf-8")
    folder = staging.stage("test")
    (folder / "left.txt").write_text("from the run before", encoding="utf-8")
    assert sorted(path.name for path in staging.stage("test").iterdir()) == [
        ".gitignore",
        "one.txt",
    ]


def test_outside_of_a_clone_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(staging.StagingError, match="run this in a clone"):
        staging.files()
