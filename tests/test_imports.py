"""The architecture: which module may import which, and what `import course_utils` costs.

Read from the source with ast, so that an import inside a function counts as well.
"""

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import course_utils as cu

PACKAGE = Path(cu.__file__).parent
TESTS = Path(__file__).parent
TOOLS = TESTS.parent / "tools"

# From the ground up: a module may import from the rows above its own.
LEVELS = [
    {"_validation", "_files", "interrupts", "meeting", "progress_bar"},
    {
        "activations",
        "losses",
        "initializers",
        "convolution",
        "comparison",
        "frameworks",
        "datasets",
        "augmentation",
        "schedules",
    },
    {"layers", "fast_convolution", "autograd"},
    {"blocks", "normalization"},
    {"saving"},
    {"network"},
    {"optimizers", "workers", "training", "gradients", "early_stopping"},
    {"estimator", "figures", "exercises"},
    {"sweep"},
    {"__init__"},
]
LEVEL = {module: number for number, modules in enumerate(LEVELS) for module in modules}
ROW_MATES = {
    ("losses", "activations"),
    ("fast_convolution", "layers"),
    ("training", "optimizers"),
    ("training", "workers"),
    ("training", "early_stopping"),
}  # the first may import the second
# The same within figures; what stands in no row is an idea, which imports no other idea.
FIGURES = [{"style"}, {"picture"}, {"explorer", "curves", "images", "points"}]

# The numpy core; what it may import besides NumPy is imported where it is used, not at the top.
CORE = {module for modules in LEVELS[:7] for module in modules} | {"__init__"}
WHERE_USED = {
    "workers": {"threadpoolctl"},
    "progress_bar": {"tqdm", "IPython"},
    "datasets": {"pooch"},
}

SLOW = {"matplotlib", "sklearn", "scipy", "ipywidgets", "IPython", "tqdm", "pooch", "pandas"}


def module_of(path):
    """exercises/lesson_2.py belongs to exercises."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


FILES = [
    pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in sorted(PACKAGE.rglob("*.py"))
]


def imports(tree, folder=()):
    """(module, is ours) for each import in the tree: ("layers", True), ("numpy", False).

    folder is where in the package the source lies, such as ("exercises",).
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                top, *rest = [*name.name.split("."), "__init__"]
                yield (rest[0], True) if top == PACKAGE.name else (top, False)
        elif isinstance(node, ast.ImportFrom):
            parts = node.module.split(".") if node.module else []
            if node.level:  # one dot is the folder itself, two dots the one above
                parts = [PACKAGE.name, *folder[: len(folder) + 1 - node.level], *parts]
            if parts[0] != PACKAGE.name:
                yield parts[0], False
            else:
                modules = parts[1:2] or [name.name for name in node.names]
                yield from ((module, True) for module in modules)


def top_level(tree):
    """The tree without the bodies of its functions and methods."""
    statements = []
    for s in tree.body:
        statements += s.body if isinstance(s, ast.ClassDef) else [s]
    return ast.Module(
        [s for s in statements if not isinstance(s, ast.FunctionDef)], type_ignores=[]
    )


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_are_read_right():
    source = """
import numpy as np
import course_utils.layers
from . import activations
from .losses import mean_squared_error
from course_utils.network import Sequential
def f():
    from tqdm.auto import tqdm
"""
    tree = ast.parse(source)
    ours = ["layers", "activations", "losses", "network"]
    assert [name for name, own in imports(tree) if own] == ours
    assert [name for name, own in imports(tree) if not own] == ["numpy", "tqdm"]
    assert [name for name, own in imports(top_level(tree)) if not own] == ["numpy"]


def test_imports_in_a_folder_are_read_right():
    tree = ast.parse("from . import engine\nfrom .engine import f\nfrom ..layers import Dense")
    assert [name for name, _ in imports(tree, ("exercises",))] == ["exercises"] * 2 + ["layers"]


@pytest.mark.parametrize("path", FILES)
def test_imports_point_one_way(path):
    module = module_of(path)
    assert module in LEVEL, f"give {module} its place in LEVELS"
    folder = path.relative_to(PACKAGE).parent.parts
    wrong = [
        name
        for name, own in imports(parse(path), folder)
        if own
        and name != module
        and (module, name) not in ROW_MATES
        and (module, name) != ("exercises", "__init__")  # solutions say cu., as notebooks do
        and LEVEL.get(name, len(LEVELS)) >= LEVEL[module]
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [file for file in FILES if module_of(file.values[0]) == "figures"])
def test_imports_within_figures_point_one_way(path):
    level = {name: number for number, names in enumerate(FIGURES) for name in names}
    imported = {
        node.module
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ImportFrom) and node.level == 1
    }
    allowed = {name for name in level if level[name] < level.get(path.stem, len(FIGURES))}
    assert imported <= allowed


def test_row_mates_do_not_make_a_circle():
    assert not any((second, first) in ROW_MATES for first, second in ROW_MATES)


@pytest.mark.parametrize("path", [file for file in FILES if module_of(file.values[0]) in CORE])
def test_the_core_imports_numpy_alone(path):
    tree, allowed = parse(path), {"numpy", *sys.stdlib_module_names}
    at_the_top = {name for name, own in imports(top_level(tree)) if not own}
    anywhere = {name for name, own in imports(tree) if not own}
    assert at_the_top - allowed == set()
    assert anywhere - allowed <= WHERE_USED.get(module_of(path), set())


def test_import_course_utils_loads_nothing_slow():
    code = "import sys, course_utils; print(*{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "course_utils" in loaded
    assert loaded & SLOW == set()


def test_every_public_name_exists_and_has_a_docstring():
    objects = {name: getattr(cu, name) for name in cu.__all__}
    missing = [name for name, o in objects.items() if callable(o) and not o.__doc__]
    assert missing == []


def test_the_version_is_the_installed_one():
    assert cu.__version__ == version("course_utils")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'course_utils' has no attribute 'Dens'"):
        cu.Dens  # noqa: B018


GENERATORS = {"Generator", "default_rng", "SeedSequence", "BitGenerator", "PCG64"}


def uses_of_the_global_generator(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr not in GENERATORS:
            if ast.unparse(node.value) in ("np.random", "numpy.random"):
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.module == "numpy.random":
            yield from (name.name for name in node.names if name.name not in GENERATORS)


def test_uses_of_the_global_generator_are_seen():
    source = "np.random.seed(0)\nnp.random.default_rng(0)\nfrom numpy.random import rand"
    assert list(uses_of_the_global_generator(ast.parse(source))) == ["rand", "np.random.seed"]


@pytest.mark.parametrize("folder", [PACKAGE, TESTS, TOOLS], ids=lambda folder: folder.name)
def test_no_global_random_numbers(folder):
    found = {
        path.name: list(uses_of_the_global_generator(parse(path))) for path in folder.rglob("*.py")
    }
    assert {name: uses for name, uses in found.items() if uses} == {}
