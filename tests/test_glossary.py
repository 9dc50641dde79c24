"""The glossary: in order, and each term stands in the lesson it names."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
GLOSSARY = (NOTEBOOKS / "glossary.md").read_text(encoding="utf-8")
TERMS = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (\d+) \|$", GLOSSARY, re.MULTILINE)


def prose(lesson):
    [path] = NOTEBOOKS.glob(f"{int(lesson):02}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    return " ".join(cell.source for cell in cells if cell.cell_type == "markdown").lower()


def test_the_terms_are_in_order():
    names = [term.lower() for term, *_ in TERMS]
    assert len(names) > 60
    assert names == sorted(set(names))


@pytest.mark.parametrize("term, chinese, meaning, lesson", TERMS, ids=[t[0] for t in TERMS])
def test_the_term_stands_in_its_lesson(term, chinese, meaning, lesson):
    words = re.sub(r"[()]", "", term.lower().replace("–", "-"))
    text = prose(lesson).replace("–", "-")
    said = [
        re.sub(r" ?\(.*\)", "", term.lower()).replace("–", "-"),
        *re.findall(r"\((.*)\)", words),
    ]
    assert all(word.lower() in text for word in said)
    assert re.search("[\u4e00-\u9fff]", chinese)
