"""Every notebook keeps the rules, and the rules catch what they are there for."""

import copy
import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from notebook_rules import heading_violations, link_violations, violations

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("notebooks/*.md")]
FIRST = NOTEBOOKS[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_rules(path):
    assert violations(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_are_in_order_and_their_links_say_where_they_lead(path):
    text = path.read_text(encoding="utf-8")
    assert [*heading_violations(text), *link_violations(text)] == []


def test_lessons_are_named_by_their_number():
    for path in NOTEBOOKS:
        title = nbformat.read(path, as_version=4).cells[0].source
        assert title.startswith(f"# {int(path.stem[:2])}. ")


def test_next_lesson_is_a_link():
    for path, following in itertools.pairwise(NOTEBOOKS):
        last = nbformat.read(path, as_version=4).cells[-1].source
        assert f"[**Lesson {int(following.name[:2])}**]({following.name})" in last


@pytest.fixture
def notebook():
    return nbformat.read(FIRST, as_version=4)


def printing_cell(notebook):
    return next(c for c in notebook.cells if c.cell_type == "code" and "print(" in c.source)


def picture(notebook):
    return next(
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "<img alt=" in output.get("data", {}).get("text/html", "")
    ).data


def clear_an_output(notebook):
    printing_cell(notebook).outputs = []


def forget_to_run_a_cell(notebook):
    printing_cell(notebook).execution_count = None


def run_a_cell_twice(notebook):
    printing_cell(notebook).execution_count += 1


def store_a_warning(notebook):
    text = "UserWarning: careful\n"
    printing_cell(notebook).outputs.append(
        nbformat.v4.new_output("stream", name="stderr", text=text)
    )


def print_a_warning(notebook):
    printing_cell(notebook).outputs[0].text += "RuntimeWarning: overflow\n"


def store_an_absolute_path(notebook):
    printing_cell(notebook).outputs[0].text += "/home/somebody/course/digits.npz\n"


def name_an_absolute_path(notebook):
    printing_cell(notebook).source += '\nopen("/home/somebody/digits.npz")'


def seed_globally(notebook):
    printing_cell(notebook).source += "\nnp.random.seed(0)"


def draw_globally(notebook):
    printing_cell(notebook).source += "\nnp.random.rand(3)"


def show_a_bare_object(notebook):
    printing_cell(notebook).outputs[0].text += "<matplotlib.lines.Line2D at 0x7f0>\n"


def store_an_error(notebook):
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    printing_cell(notebook).outputs.append(error)


def use_a_magic(notebook):
    printing_cell(notebook).source += "\n%matplotlib inline"


def end_with_a_semicolon(notebook):
    printing_cell(notebook).source += "\nplt.plot([1]);"


def write_a_long_cell(notebook):
    printing_cell(notebook).source += "\nx = 1" * 30


def keep_a_widget_state(notebook):
    notebook.metadata.widgets = {"state": {}}


def collapse_a_cell(notebook):
    printing_cell(notebook).metadata.collapsed = True


def drop_the_slide_type(notebook):
    del printing_cell(notebook).metadata["slideshow"]


def drop_the_alt_text(notebook):
    data = picture(notebook)
    data["text/html"] = re.sub(r'(?<=<img )alt="[^"]*" ', "", data["text/html"])


def empty_the_alt_text(notebook):
    data = picture(notebook)
    data["text/html"] = re.sub(r'(?<=alt=)"[^"]*"', '""', data["text/html"])


def show_a_picture_outside_html(notebook):
    picture(notebook)["image/png"] = ""


def describe_another_picture(notebook):
    data, other = picture(notebook), '"A sentence about some other picture."'
    data["text/html"] = re.sub(r'(?<=alt=)"[^"]*"', other, data["text/html"])


def drop_the_description(notebook):
    data = picture(notebook)
    data["text/html"] = re.sub("<details>.*", "", data["text/html"])


def drop_the_recap(notebook):
    notebook.cells = [cell for cell in notebook.cells if "## Recap" not in cell.source]


def drop_the_explorer(notebook):
    notebook.cells = [c for c in notebook.cells if "explorer" not in c.metadata.get("tags", [])]


def skip_a_level(notebook):
    next(c for c in notebook.cells if c.source.startswith("## ")).source += "\n\n#### Deeper"


def link_from_here(notebook):
    notebook.cells[0].source += "\n\nMore of it [**here**](https://numpy.org)."


BROKEN = [
    clear_an_output, forget_to_run_a_cell, run_a_cell_twice, store_a_warning, print_a_warning,
    store_an_absolute_path, name_an_absolute_path, seed_globally, draw_globally,
    show_a_bare_object, store_an_error, use_a_magic, end_with_a_semicolon, write_a_long_cell,
    keep_a_widget_state, collapse_a_cell, drop_the_slide_type, drop_the_alt_text,
    empty_the_alt_text, show_a_picture_outside_html, drop_the_description,
    describe_another_picture, drop_the_recap, drop_the_explorer,
    skip_a_level, link_from_here,
]  # fmt: skip


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda function: function.__name__)
def test_the_rules_catch(break_it, notebook):
    before = copy.deepcopy(notebook)
    break_it(notebook)
    assert notebook != before
    assert violations(notebook) != []


def nbval(path):
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", str(path), "-p", "no:cacheprovider"]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent)


def test_nbval_catches_a_changed_number(notebook, tmp_path):
    shutil.copy(FIRST.parent / "conftest.py", tmp_path)
    path = tmp_path / FIRST.name
    output = printing_cell(notebook).outputs[0]
    assert "442" in output.text
    output.text = output.text.replace("442", "443")
    nbformat.write(notebook, path)
    result = nbval(path)
    assert result.returncode == 1
    assert "443" in result.stdout
    assert "1 failed" in result.stdout


def test_nbval_compares_what_is_written_about_a_picture_but_not_its_bytes(tmp_path):
    shutil.copy(FIRST.parent / "conftest.py", tmp_path)
    source = "from IPython.display import display\ndisplay({'text/html': '%s'}, raw=True)"
    html = '<img alt="%s" src="data:image/png;base64,%s">'

    def compare(alt, data):
        cell = nbformat.v4.new_code_cell(source % html % ("A line.", "AAAA"), execution_count=1)
        shown = {"text/html": html % (alt, data)}
        cell.outputs = [nbformat.v4.new_output("display_data", data=shown)]
        path = tmp_path / "pictures.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        return nbval(path)

    assert compare("A line.", "BBBB").returncode == 0
    result = compare("A curve.", "AAAA")
    assert result.returncode == 1
    assert "1 failed" in result.stdout
