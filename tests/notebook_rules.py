"""The rules that keep notebooks readable, presentable and comparable: `violations(notebook)`.

nbval compares outputs, and passes over what is not there. These rules see to the rest.
"""

import ast
import base64
import html
import io
import re

import nbformat
from PIL import Image

SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
LONGEST_CELL = 25
SPEAKING = re.compile(r"print|show|summary|plot_\w+|\w+_explorer")

FORBIDDEN_SOURCE = {
    "a global random number generator": r"np\.random\.(?!default_rng\b|Generator\b)\w+",
    "a magic or a shell command": r"^\s*[%!]",
    "a trailing semicolon": r";\s*$",
    "a path of a machine": r"[\"'](/(home|root|tmp|work|Users)/|[A-Z]:\\)",
}
FORBIDDEN_OUTPUT = {
    "a bare object": r"<[^<>]* at 0x[0-9a-f]+|<(Axes|Figure|Text|Line2D)\b[^<>]*>",
    "a path of a machine": r"/(home|root|tmp|work|Users)/|\b[A-Z]:\\",
    "a warning": r"\b\w*Warning:",
}
# A screen reader lists the links of a page by their texts alone.
VAGUE_LINK = re.compile(
    r"(?<!!)\[\W*(here|this|that|it|link|more|page|source|click here)\W*\]\(", re.I
)
PARTS = (
    r"\A# \d+\. ",
    r"\*\*You will learn\*\*",
    r"\*\*You need\*\*",
    r"\*\*Time\*\*",
    r"^## Recap",
    r"^## Next lesson",
)


def violations(notebook):
    """One sentence for each rule that the notebook breaks."""
    found = []
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        found.append(f"not a valid notebook: {error.message}")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append("the cells were not executed 1..n, in order, from a fresh kernel")
    if set(notebook.metadata) != {"kernelspec", "language_info"}:
        found.append(f"the notebook's metadata holds {sorted(notebook.metadata)}")
    found += _missing_parts(notebook)
    found += heading_violations(
        "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    )
    for cell in notebook.cells:
        rules = _code_violations if cell.cell_type == "code" else _text_violations
        found += [f"cell {cell.id}: {what}" for what in _cell_violations(cell) + rules(cell)]
    return found


def _missing_parts(notebook):
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for part in PARTS:
        if not re.search(part, text, re.MULTILINE):
            yield f"nothing in it looks like {part}"
    if not any(_slide_type(cell) == "notes" for cell in notebook.cells):
        yield "it has no notes for the instructor"
    explorers = [
        i for i, c in enumerate(notebook.cells) if "explorer" in c.metadata.get("tags", [])
    ]
    if not explorers:
        yield "it has no explorer"
    for i in explorers:
        if not any(any(_pictures(cell)) for cell in notebook.cells[i + 1 : i + 3]):
            yield f"the explorer {notebook.cells[i].id} has no static equivalent beside it"


def heading_violations(text):
    """One sentence for each heading that is more than one level below the one before it."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    level = 0
    for marks, title in re.findall(r"^(#+) (.*)", text, re.MULTILINE):
        if len(marks) > level + 1:
            yield f"the heading {title!r} skips a level"
        level = len(marks)


def link_violations(text):
    """One sentence for each link whose text does not say where it leads."""
    return [f"a link says only {found[0][:-1]}" for found in VAGUE_LINK.finditer(text)]


def _cell_violations(cell):
    found = []
    if not re.fullmatch(r"[a-z][a-z0-9-]*", cell.id):
        found.append("its id is no readable name")
    if not set(cell.metadata) <= {"slideshow", "tags"}:
        found.append(f"its metadata holds {sorted(cell.metadata)}")
    if _slide_type(cell) not in SLIDE_TYPES:
        found.append("it has no slide type")
    if not cell.source.strip():
        found.append("it is empty")
    return found


def _slide_type(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type")


def _text_violations(cell):
    if _slide_type(cell) == "notes" and not cell.source.startswith("<details>"):
        return ["an instructor's note must be folded, in <details>"]
    return link_violations(cell.source)


def _code_violations(cell):
    found = []
    lines = cell.source.splitlines()
    if len(lines) > LONGEST_CELL:
        found.append(f"{len(lines)} lines are too many, at most {LONGEST_CELL}")
    for what, pattern in FORBIDDEN_SOURCE.items():
        if re.search(pattern, cell.source, re.MULTILINE):
            found.append(f"its source has {what}")
    if not cell.outputs and not found and _speaks(cell.source):
        found.append("it should have an output, and none is stored")
    for output in cell.outputs:
        if output.output_type == "error":
            found.append("an error is stored")
        if output.get("name") == "stderr":
            found.append("something on stderr is stored, such as a warning")
        text = output.get("text", "") + "".join(
            value for kind, value in output.get("data", {}).items() if kind.startswith("text/")
        )
        for what, pattern in FORBIDDEN_OUTPUT.items():
            if re.search(pattern, text):
                found.append(f"its output has {what}")
    return found + _picture_violations(cell)


def _speaks(source):
    """Whether running the cell, and not only a function it defines, must show something."""
    waiting = [*ast.parse(source).body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if SPEAKING.fullmatch(name):
                return True
        waiting += ast.iter_child_nodes(node)
    return False


def _pictures(cell):
    """(alt text, PNG file in base64, the rest of the HTML) for each picture that the cell shows."""
    for output in cell.get("outputs", []):
        shown = output.get("data", {}).get("text/html", "")
        for picture in re.finditer(r'<img alt="([^"]*)"[^>]* src="data:[^,]*,([^"]*)">', shown):
            yield html.unescape(picture[1]), picture[2], shown[picture.end() :]


def _picture_violations(cell):
    found = []
    if any(kind.startswith("image/") for o in cell.outputs for kind in o.get("data", {})):
        found.append("a picture stands outside of HTML, where it has no alt text: cu.show it")
    shown = "".join(o.get("data", {}).get("text/html", "") for o in cell.outputs)
    if shown.count("<img ") != len([*_pictures(cell)]):
        found.append("a picture has no alt text")
    for alt, data, below in _pictures(cell):
        if not alt.endswith(".") or len(alt) < 20:
            found.append("a picture has no sentence of alt text")
        if Image.open(io.BytesIO(base64.b64decode(data))).text.get("Description") != alt:
            found.append("a picture's file does not carry its alt text")
        if f"</summary>{html.escape(alt)}</details>" not in below:
            found.append("a picture has no description below it that a reader can unfold")
    return found
