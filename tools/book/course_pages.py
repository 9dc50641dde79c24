"""What the book changes in the lessons' notebooks, as a Sphinx extension.

Formulas become MathML, which needs no script and no network. What is for the instructor, and
explorers, which need a kernel, are left out. Below the title stand the ways to run the lesson.
"""

import json

from docutils import nodes
from lite import LESSONS
from mathml import formula


def inline(translator, node):
    translator.body.append(formula(node.astext(), "inline"))
    raise nodes.SkipNode


def block(translator, node):
    translator.body.append(f'<div class="math">{formula(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def prepare(app, page, source):
    """Change a notebook before it is parsed."""
    if not page.startswith("lessons/"):
        return
    notebook = json.loads(source[0])
    notebook["cells"] = [cell for cell in notebook["cells"] if is_for_readers(cell)]
    ways = ways_to_run(app.config, page.removeprefix("lessons/"))
    first = notebook["cells"][0]
    title, rest = "".join(first["source"]).split("\n", 1)
    first["source"] = f"{title}\n\n{ways}\n{rest}"
    source[0] = json.dumps(notebook)


def is_for_readers(cell):
    metadata = cell["metadata"]
    notes = metadata.get("slideshow", {}).get("slide_type") == "notes"
    return not notes and "explorer" not in metadata.get("tags", [])


def ways_to_run(config, lesson):
    """Where this lesson can be run, as links that say where they lead."""
    file = f"{lesson}.ipynb"
    ways = []
    if config.browser_version and int(lesson[:2]) in LESSONS:
        ways.append(f"[in your browser]({config.browser_version}/lab/index.html?path={file})")
    if config.repository:
        binder = f"https://mybinder.org/v2/gh/{config.repository}/HEAD"
        ways.append(f"[on Binder]({binder}?labpath=notebooks/{file})")
        colab = f"https://colab.research.google.com/github/{config.repository}/blob/HEAD"
        ways.append(f"[on Google Colab]({colab}/notebooks/{file})")
    if not ways:
        return ""
    return f"Run this lesson {', '.join(ways)}.\n"


def reach_by_keyboard(app, page, template, context, doctree):
    """Let the keyboard reach what can be scrolled sideways on a narrow page: tables."""
    if "body" in context:
        context["body"] = context["body"].replace(
            '<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'
        )


def setup(app):
    app.add_config_value("repository", "", "env")
    app.add_config_value("browser_version", "", "env")
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("source-read", prepare)
    app.connect("html-page-context", reach_by_keyboard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
