"""Write the course as a web book that needs no network: `make book`.

    python tools/book.py [FOLDER]

The lessons stand there with the outputs that the notebooks hold (no kernel runs), and the
reference of course_utils. FOLDER/index.html can be opened from the disk, its search too.
REPOSITORY=owner/name adds links that run a lesson on Binder and Colab, BROWSER=address one to
the course in the browser (`make site`).
"""

import argparse
import ast
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from sphinx.cmd.build import build_main

HERE = Path(__file__).parent
ROOT = HERE.parent
SIGNS = (  # Unicode's blocks
    range(0x20, 0x180),  # Latin
    range(0x300, 0x400),  # accents, Greek
    range(0x2010, 0x20D0),  # punctuation, small digits
    range(0x2100, 0x2300),  # letter-like signs, arrows, operators
    range(0x1D400, 0x1D800),  # italic and bold letters
)
MATHEMATICS = Path(find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"


def write(out):
    """Write the book into the folder `out`, anew. Returns Sphinx's exit status."""
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        shutil.copytree(HERE / "book", source, dirs_exist_ok=True)
        lessons = sorted((ROOT / "notebooks").glob("*.ipynb"))
        (source / "lessons").mkdir()
        for path in lessons:
            shutil.copy(path, source / "lessons")
        shutil.copy(ROOT / "notebooks" / "glossary.md", source)
        write_reference(source / "reference")
        write_font(source / "static" / "mathematics.woff")
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(HERE)])
        sys.path[:0] = [str(ROOT), str(source)]
        options = ["-b", "html", "-q", "-W", "--keep-going", "-d", str(source / ".doctrees")]
        return build_main([*options, str(source), str(out)])


def write_reference(folder):
    """A page for each part of course_utils that has public names."""
    for name in modules():
        page = f"# {name}\n\n```{{eval-rst}}\n"
        page += f".. automodule:: course_utils.{name}\n   :members:\n```\n"
        (folder / f"{name}.md").write_text(page)


def modules():
    """The modules that `import course_utils` takes public names from, and exercises."""
    package = ast.parse((ROOT / "course_utils" / "__init__.py").read_text())
    return [n.module for n in package.body if isinstance(n, ast.ImportFrom)] + ["exercises"]


def write_font(path):
    """The font of the formulas, STIX Two Math: of its 5,000 signs those that they may need."""
    options = subset.Options(flavor="woff", layout_features=["*"], notdef_outline=True)
    font = subset.load_font(MATHEMATICS, options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[sign for block in SIGNS for sign in block])
    cut.subset(font)
    subset.save_font(font, path, options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "book")
    sys.exit(write(parser.parse_args().folder))
