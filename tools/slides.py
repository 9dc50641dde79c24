"""Write lessons as slides, one HTML file each that needs nothing else: `make slides`.

    python tools/slides.py [--check] [NOTEBOOK ...]

writes slides/LESSON.html from the stored outputs; no kernel runs. With --check it also lists the
slides that do not fit on a screen of 1280 x 720; this needs playwright and Chromium.

Slide types, as nbconvert has them:

- slide, subslide: a new slide, to the right or below
- fragment: appears on a further key, and with it the cells of type - that follow
- notes: only in the speaker's view, unfolded
- skip: not on the slides
- -: goes on with the same slide

Tags: hide-input leaves out a cell's source, hide-output its outputs. Left out by themselves are
cells tagged explorer and feedback that an exercise has not been attempted. What a lesson folds in
<details> is a fragment. A figure is as large as the rest of its slide lets it be, and not smaller
than it is in the notebook: to give it room, have less text.
"""

import argparse
import base64
import html
import os
import re
import struct
from importlib.util import find_spec
from pathlib import Path

import nbformat
from mathml import formula
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parent / "notebooks"
SLIDES = HERE.parent / "slides"
REVEAL = Path(find_spec("sphinx_revealjs").origin).parent / "_static" / "revealjs"
BROWSER_OPTIONS = ["--no-sandbox", "--disable-background-networking"]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTH, HEIGHT = 1280, 720
WIDEST = WIDTH - 2 * 48  # without the padding that slides.css gives a slide
HIGHEST = HEIGHT - 2 * 28
FOLDED = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
PICTURE = re.compile(r'<img alt="([^"]*)"[^>]* src="data:image/png;base64,([^"]*)">')
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script>{script}</script>
<script>
Reveal.initialize({{width: {width}, height: {height}, margin: 0, maxScale: 4, center: false,
  hash: true, controls: false, slideNumber: "c/t", transition: "none",
  pdfSeparateFragments: false, plugins: [RevealNotes]}});
</script>
</body>
</html>
"""


class MathML(IPythonRenderer):
    """Markdown as nbconvert reads it, its formulas as MathML, which needs no script."""

    def block_html(self, html):  # nbconvert closes at once what is open at the end of it
        return html

    inline_html = block_html

    def inline_math(self, body):
        return formula(body, "inline")

    def block_math(self, body):
        return formula(body, "block")

    def latex_environment(self, name, body):
        return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


def page(notebook, title):
    """The notebook's slides as one HTML page."""
    files = ("dist/reveal.js", "plugin/notes/notes.js")
    style = [(REVEAL / "dist" / "reveal.css").read_text(), (HERE / "slides.css").read_text()]
    return PAGE.format(
        title=html.escape(title),
        style="\n".join([*style, HtmlFormatter(style="default").get_style_defs("pre.source")]),
        script="\n".join((REVEAL / file).read_text() for file in files),
        slides="\n".join(f"<section>\n{stack}\n</section>" for stack in stacks(notebook)),
        width=WIDTH,
        height=HEIGHT,
    )


def stacks(notebook):
    """The slides as HTML, those that stand below each other in one string."""
    found = [[Slide()]]
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind == "slide":
            found.append([Slide()])
        elif kind == "subslide":
            found[-1].append(Slide())
        if kind != "skip":
            found[-1][-1].add(cell, kind)
    found = [[slide.html() for slide in stack if not slide.empty()] for stack in found]
    return ["\n".join(stack) for stack in found if stack]


class Slide:
    """One slide: what is on it at first, its fragments, its notes, all as HTML."""

    def __init__(self):
        self.parts, self.notes = [""], []

    def add(self, cell, kind):
        if kind == "notes":
            self.notes.append(markdown(re.sub(FOLDED, r"\2", cell.source)))
            return
        if kind == "fragment":
            self.parts.append("")
        self.parts[-1] += code(cell) if cell.cell_type == "code" else text(cell.source)

    def empty(self):
        return not any(self.parts) and not self.notes

    def html(self):
        first, *fragments = self.parts
        shown = first + "".join(fragment(part) for part in fragments if part)
        notes = f'<aside class="notes">{"".join(self.notes)}</aside>' if self.notes else ""
        return f'<section><div class="slide">\n{shown}</div>{notes}</section>'


def fragment(content):
    return f'<div class="fragment">\n{content}\n</div>\n'


def text(source):
    """A Markdown cell; what it folds is a fragment, and another lesson is its slides."""
    source = re.sub(FOLDED, lambda found: fragment(f"\n**{found[1]}.**\n{found[2]}"), source)
    return markdown(re.sub(r"\]\((\w+)\.ipynb\)", r"](\1.html)", source))


def markdown(source):
    renderer = MathML(
        escape=False, embed_images=True, path=str(NOTEBOOKS), exclude_anchor_links=True
    )
    rendered = MarkdownWithMath(renderer=renderer).render(source)
    return re.sub(r"(<math\b(?:(?!<math\b).)*</math>[.,;:?!)]+)", r"<nobr>\1</nobr>", rendered)


def code(cell):
    """The source and the outputs of a code cell, as far as they are on a slide."""
    tags = cell.metadata.get("tags", [])
    if "explorer" in tags:
        return ""
    shown = ""
    if "hide-input" not in tags:
        colours = HtmlFormatter(style="default", nowrap=True)
        source = highlight(cell.source, PythonLexer(), colours).rstrip()
        shown += f'<pre class="source"><code>{source}</code></pre>\n'
    if "hide-output" not in tags:
        shown += "".join(output(o) for o in cell.outputs)
    return shown


def output(stored):
    """One stored output; of several kinds the richest."""
    data = stored.get("data", {})
    plain = stored.get("text", data.get("text/plain", "")).rstrip()
    if "not attempted yet" in plain:
        return ""
    if "image/png" in data:
        return figure(data["image/png"], stored.metadata["image/png"]["alt"])
    if "text/html" in data:
        # A figure's sentence is folded below it, and is in its alternative text.
        shown = re.sub(FOLDED, "", data["text/html"])
        return re.sub(PICTURE, lambda found: figure(found[2], html.unescape(found[1])), shown)
    return f'<pre class="output">{html.escape(plain)}</pre>\n' if plain else ""


def figure(png, alt):
    """A picture that grows with the room it has, up to twice its size in the notebook."""
    width, height = struct.unpack(">II", base64.b64decode(png[:32])[16:24])
    least = min(1, WIDEST / width, HIGHEST / height)
    most = min(2, WIDEST / width, HIGHEST / height)
    return (
        f'<img class="figure" alt="{html.escape(alt)}" style="flex: 0 1 {most * height:.0f}px; '
        f'min-height: {least * height:.0f}px" src="data:image/png;base64,{png.strip()}">\n'
    )


# Each slide's size, with all of its fragments, and what else `faults` looks at.
MEASURE = """() => Reveal.getSlides().map((section, number) => {
  const {h, v} = Reveal.getIndices(section);
  Reveal.slide(h, v, -1);
  const slide = section.querySelector('.slide');
  const all = [...slide.querySelectorAll('*')];
  const visible = all.some(element => element.checkVisibility({visibilityProperty: true})
    && element.getBoundingClientRect().height > 0 && (element.textContent.trim() || element.alt));
  Reveal.slide(h, v, 99);
  const start = slide.getBoundingClientRect();
  const place = element => element.getBoundingClientRect();
  const size = elements => Math.min(...elements.map(e => parseFloat(getComputedStyle(e).fontSize)));
  const isCode = element => element.closest('pre, code');
  const words = all.filter(element => !element.closest('math *, sub, sup')
    && (element.matches('math')
        || [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())));
  return {
    number: number + 1,
    title: (slide.querySelector('h1,h2,h3,h4') || slide).textContent.trim().split('\\n')[0],
    height: Math.max(slide.scrollHeight,
                     ...all.map(e => place(e).top - start.top + e.scrollHeight)),
    width: Math.max(slide.scrollWidth,
                    ...all.map(e => place(e).left - start.left + e.scrollWidth)),
    code: size(words.filter(isCode)),
    text: size(words.filter(element => !isCode(element))),
    visible,
    undescribed: all.filter(element => element.matches('img') && !element.alt).length,
    unseen: all.filter(element => element.matches('img') && !element.naturalWidth).length,
    formulas: slide.querySelectorAll('math').length,
    broken: [...slide.querySelectorAll('math')]
      .filter(math => math.querySelector('merror') || math.textContent.includes('\\\\')).length,
  };
})"""


def measure(browser, path):
    """Open a page of slides: what MEASURE says of each, requests to elsewhere, and errors."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    address, asked, errors = path.resolve().as_uri(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(address)
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    slides = page.evaluate(MEASURE)
    page.close()
    return slides, [url for url in asked if not url.startswith(("data:", address))], errors


def too_large(slide):
    """What to say of a measured slide that does not fit on the screen, height x width; or ""."""
    fits = slide["height"] <= HEIGHT and slide["width"] <= WIDTH
    return "" if fits else f"{slide['height']:.0f} x {slide['width']:.0f}"


def faults(slide):
    """What else is wrong with a measured slide, as sentences."""
    found = {
        f"code of {slide['code']:.0f} px": slide["code"] < 16,
        f"text of {slide['text']:.0f} px": slide["text"] < 20,
        "nothing on it at first": not slide["visible"],
        "a picture without alternative text": slide["undescribed"],
        "a picture that is not shown": slide["unseen"],
        "a formula that is not understood": slide["broken"],
    }
    return [what for what, wrong in found.items() if wrong]


def named(lesson, slide):
    return f"{lesson}: slide {slide['number']} {slide['title'][:50]!r}"


def write(notebook, folder=SLIDES):
    """Write a notebook's slides into the folder; return the path of the page."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{notebook.stem}.html"
    path.write_text(page(nbformat.read(notebook, as_version=4), notebook.stem), encoding="utf-8")
    return path


def check(browser, path):
    """Print what is wrong with a page of slides."""
    slides, asked, errors = measure(browser, path)
    wrong = [
        f"{named(path.stem, slide)}: {what}"
        for slide in slides
        for what in filter(None, [too_large(slide), *faults(slide)])
    ]
    wrong += [f"{path.stem}: {what}" for what in [*asked, *errors]]
    print("\n".join([*wrong, f"{path.stem}: {len(slides)} slides, {len(wrong)} to mend"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    notebooks = options.notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
    paths = [write(notebook) for notebook in notebooks]
    for path in paths:
        print(f"slides/{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    if options.check:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_OPTIONS)
            for path in paths:
                check(browser, path)
            browser.close()


if __name__ == "__main__":
    main()
