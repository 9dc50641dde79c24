"""Write the course as a web site on which it runs, with nothing installed: `make site`.

    python tools/lite.py [--complete] [FOLDER]

The site is JupyterLite: JupyterLab in the browser, with Python (Pyodide) as a kernel. What the
reader changes is kept in the browser's storage. The lessons run unchanged: Pyodide's lock names
course_utils and what it needs, so that an import finds them. The kernel comes from Pyodide's own
address; with --complete it is part of the site, which then asks no other machine for anything.
A site is opened by a server, not from the disk: python -m http.server --directory FOLDER
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from flit_core.wheel import make_wheel_in
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from workspace import without_outputs

HERE = Path(__file__).parent
ROOT = HERE.parent
WHEELS = Path(sys.prefix) / "site-wheels"  # what site-wheels.lock names
EXTENSIONS = [
    Path(sys.prefix) / "share" / "jupyter" / "labextensions" / name
    for name in ("@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension")
]
LESSONS = (1, 2, 3, 4, 6, 9)
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "package.json")
FROM_PYODIDE = ("scikit-learn", "matplotlib", "requests", "platformdirs", "micropip")
# JupyterLite is instead of these; and no lesson of the site has paper to draw on.
NOT_THERE = {"jupyterlab", "jupyterlab-widgets", "widgetsnbextension", "anywidget"}
BROWSER = {"sys_platform": "emscripten", "platform_system": "Emscripten", "python_version": "3.14"}

ENVIRONMENT = {
    "JPY_SESSION_NAME": "lesson",  # as JupyterLab has it: somebody watches, so show progress
    "XDG_DATA_HOME": "/drive/.data",  # where the browser keeps progress() from day to day
    # What Pyodide's scikit-learn 1.8.0 says of C=inf, and its threadpoolctl 3.6.0 of Pyodide.
    "PYTHONWARNINGS": "ignore:Setting penalty=None:UserWarning,"
    "ignore:JsProxy.as_object_map() is deprecated:RuntimeWarning",
}


def write(out, complete=False):
    """Write the site into the folder `out`, anew; `complete` makes Pyodide a part of it."""
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        lite = Path(folder)
        (lite / "files").mkdir()
        for path in lessons():
            (lite / "files" / path.name).write_bytes(for_the_site(path))
        kernel = write_kernel(lite / "kernel", complete)
        settings = {"litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": kernel}}
        page = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
        (lite / "jupyter-lite.json").write_text(json.dumps(page))
        shutil.copy(HERE / "labconfig" / "default_setting_overrides.json", lite / "overrides.json")
        build = {
            "output_dir": str(out.resolve()),
            "contents": ["files"],
            "apps": ["lab"],
            "ignore_sys_prefix": True,  # other extensions of JupyterLab, which need a server
            "federated_extensions": [*map(str, EXTENSIONS)],
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
        }
        (lite / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": build}))
        command = [sys.executable, "-m", "jupyterlite_core", "build"]
        built = subprocess.run(command, cwd=lite, capture_output=True, text=True)
        if built.returncode:
            sys.exit(built.stdout + built.stderr)
        shutil.move(lite / "kernel", out / "kernel")


def lessons():
    """The notebooks that end in the browser in two minutes."""
    return [path for n in LESSONS for path in (ROOT / "notebooks").glob(f"{n:02}_*.ipynb")]


def for_the_site(path):
    """A notebook's file without outputs, and without links to lessons that are not there."""
    there = "|".join(lesson.name for lesson in lessons())
    link = rf"\[([^][\n]+)\]\((?!{there})\w+\.ipynb\)"
    return re.sub(link, r"\1", without_outputs(path).decode()).encode()


def write_kernel(distribution, complete):
    """Fill the folder with what the kernel loads from the site, and return its settings."""
    distribution.mkdir()
    wheels = {name_of(path): path for path in WHEELS.glob("*.whl")}
    carrier = zipfile.ZipFile(wheels.pop("open-webui"))

    def read(file):
        return carrier.read(f"open_webui/frontend/pyodide/{file}")

    version = json.loads(read("package.json"))["version"]
    address = "" if complete else f"https://cdn.jsdelivr.net/pyodide/v{version}/full/"
    lock = json.loads(read("pyodide-lock.json"))
    packages = with_dependencies(FROM_PYODIDE, lock["packages"])
    if complete:
        for file in (*CORE, *(package["file_name"] for package in packages.values())):
            (distribution / file).write_bytes(read(file))
    for package in packages.values():
        package["file_name"] = address + package["file_name"]
    for wheel in wheels.values():
        shutil.copy(wheel, distribution)
    wheels["course-utils"] = course_wheel(distribution)
    known = packages.keys() | wheels.keys()
    packages |= {name: locked(wheel, known) for name, wheel in wheels.items()}
    (distribution / "pyodide-lock.json").write_text(json.dumps(lock | {"packages": packages}))
    return {
        "pyodideUrl": f"{address or './kernel/'}pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "lockFileURL": "./kernel/pyodide-lock.json",
            "packages": ["ipython", "comm"],
            "env": ENVIRONMENT,
        },
    }


def course_wheel(folder):
    """Build the wheel of course_utils, with a name of its own for each content.

    Else a browser could keep an old one under the name of the new one.
    """
    wheel = make_wheel_in(ROOT / "pyproject.toml", folder).file
    name, version, rest = wheel.name.split("-", 2)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()[:8]
    return wheel.rename(folder / f"{name}-{version}-0{digest}-{rest}")


def with_dependencies(names, packages):
    """Those packages of Pyodide's lock, and all that they need."""
    found, wanted = {}, list(names)
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name not in found:
            found[name] = packages[name]
            wanted += packages[name]["depends"]
    return found


def locked(wheel, known):
    """What Pyodide's lock says of a wheel. It may need no package that is not known."""
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
        metadata = next(file for file in files if file.endswith(".dist-info/METADATA"))
        head = HeaderParser().parsestr(archive.read(metadata).decode())
    tops = {file.split("/")[0].removesuffix(".py") for file in files if file.endswith(".py")}
    needed = map(Requirement, head.get_all("Requires-Dist", []))
    depends = {
        canonicalize_name(requirement.name)
        for requirement in needed
        if requirement.marker is None or requirement.marker.evaluate({"extra": "", **BROWSER})
    } - NOT_THERE
    if depends - known:
        raise SystemExit(f"{wheel.name} needs {depends - known}: add them to site-wheels")
    return {
        "name": head["Name"],
        "version": head["Version"],
        "file_name": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "imports": sorted(filter(str.isidentifier, tops)),
        "depends": sorted(depends),
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }


def name_of(wheel):
    return canonicalize_name(wheel.name.split("-")[0])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "site")
    parser.add_argument("--complete", action="store_true", help="with Pyodide in it")
    arguments = parser.parse_args()
    write(arguments.folder, arguments.complete)
