"""pyproject.toml, environment.yml, the lock and what is installed must say the same."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
BESIDE = ["tools/book.lock", "tools/cluster.lock", "tools/class.lock"]
LOCKS = ["requirements.lock", "tools/slides.lock", *BESIDE]

REQUIREMENTS = {
    canonicalize_name(Requirement(line).name): Requirement(line)
    for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
}
SLIDES, BOOK = (
    {
        canonicalize_name(Requirement(line).name): Requirement(line)
        for line in PYPROJECT["dependency-groups"][group]
    }
    for group in ("slides", "book")
)
CLUSTER, CLASS = (
    {
        canonicalize_name(Requirement(line).name): Requirement(line)
        for line in PROJECT["optional-dependencies"][extra]
    }
    for extra in ("cluster", "class")
)
CONDA_SPECS = {
    spec.name.normalized: spec
    for spec in (rattler.MatchSpec(s) for s in CONDA["dependencies"] if isinstance(s, str))
}


def locked(file):
    """The version of each package in a lock."""
    lock = (ROOT / file).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, re.MULTILINE))


def test_conda_names_the_same_packages():
    assert CONDA_SPECS.keys() - {"python", "pip"} == REQUIREMENTS.keys()


def test_conda_installs_course_utils_itself():
    assert {"pip": ["--editable ."]} in CONDA["dependencies"]


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_conda_gives_the_same_range(name):
    def parts(text):
        return {part.strip() for part in text.split(",")}

    assert parts(str(CONDA_SPECS[name].version)) == parts(str(REQUIREMENTS[name].specifier))


def test_conda_and_pyproject_want_the_same_python():
    assert str(CONDA_SPECS["python"].version) == PROJECT["requires-python"]


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_what_is_installed_lies_in_the_range(name):
    installed = version(name)
    assert REQUIREMENTS[name].specifier.contains(installed)
    assert rattler.VersionSpec(str(CONDA_SPECS[name].version)).matches(rattler.Version(installed))


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_the_locked_version_lies_in_the_range(name):
    assert REQUIREMENTS[name].specifier.contains(locked("requirements.lock")[name])


def test_what_only_the_slides_need_has_a_lock_of_its_own():
    versions = locked("tools/slides.lock")
    assert versions.keys() == SLIDES.keys()
    assert SLIDES.keys().isdisjoint(locked("requirements.lock"))
    assert all(SLIDES[name].specifier.contains(version) for name, version in versions.items())


@pytest.mark.parametrize("file, wanted", [*zip(BESIDE, (BOOK, CLUSTER, CLASS), strict=True)])
def test_a_lock_beside_the_course_s_fits_it(file, wanted):
    versions, course = locked(file), locked("requirements.lock")
    assert all(wanted[name].specifier.contains(versions[name]) for name in wanted)
    both = versions.keys() & course.keys()
    assert {name: versions[name] for name in both} == {name: course[name] for name in both}


@pytest.mark.parametrize("file", LOCKS)
def test_every_locked_package_has_its_hashes(file):
    packages = re.split(r"^(?=[a-z0-9])", (ROOT / file).read_text(), flags=re.MULTILINE)[1:]
    assert len(packages) == len(locked(file))
    without = [package.split()[0] for package in packages if "--hash=sha256:" not in package]
    assert without == []


@pytest.mark.parametrize("file", ["pyproject.toml", "environment.yml", *LOCKS])
def test_no_registry_is_named(file):
    assert not re.search(r"https?:|file:|index-url|find-links", (ROOT / file).read_text())
