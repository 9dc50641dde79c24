"""What a learner sees of a verdict: as plain text, as a box, in the place where it is displayed."""

from html.parser import HTMLParser
from types import SimpleNamespace

import IPython.display
import pytest

from course_utils.exercises import feedback
from course_utils.exercises.engine import Verdict

EXERCISE = SimpleNamespace(number="4.2", name="dense_backward")
WRONG = Verdict(
    "wrong",
    ["dW has the wrong sign.", "dx is right. dW is wrong."],
    [("x =", "[[1 2]\n [3 4]]"), ("dW got =", "7 < 8")],
    printed="first\n<second>\n\n",
)


def test_a_wrong_answer_in_plain_text():
    assert feedback.text(EXERCISE, WRONG) == (
        "Exercise 4.2, dense_backward: not right yet.\n"
        "dW has the wrong sign.\n"
        "dx is right. dW is wrong.\n"
        "  x = [[1 2]\n"
        "       [3 4]]\n"
        "  dW got = 7 < 8\n"
        "Your function printed:\n"
        "  first\n"
        "  <second>\n"
        'The lesson goes on with the reference. Stuck? hint("4.2") helps.'
    )


@pytest.mark.parametrize(
    ("outcome", "heading"),
    [
        ("not attempted", "not attempted yet."),
        ("raised an error", "it raised an error."),
        ("wrong", "not right yet."),
        ("right", "right."),
    ],
)
def test_the_heading_says_the_outcome(outcome, heading):
    first, last = feedback.text(EXERCISE, Verdict(outcome)).splitlines()
    assert first == f"Exercise 4.2, dense_backward: {heading}"
    goes_on_with = "your dense_backward." if outcome == "right" else "the reference. Stuck? "
    assert last.startswith(f"The lesson goes on with {goes_on_with}")


def test_an_answer_that_changes_its_arguments_is_told_how_not_to():
    said = feedback.text(EXERCISE, Verdict("right", changes="x = x.copy()"))
    assert said.splitlines()[1] == (
        "It changes its arguments, which would surprise whoever calls it: the lesson calls it "
        "with copies. To leave them alone, begin with x = x.copy()."
    )
    # where it is wrong, that comes first
    assert "copy" not in feedback.text(EXERCISE, Verdict("wrong", changes="x = x.copy()"))


class Read(HTMLParser):
    """The elements of a page: [(tag, text)], each tag closed in its turn, and the styles."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts, self.styles, self.attributes = [], [], "", {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.styles += dict(attrs).get("style", "")
        self.attributes |= dict(attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1], data))


def test_the_box_says_the_same_as_the_text():
    read = Read(feedback.box(EXERCISE, WRONG))
    assert read.texts == [
        ("strong", "✗ Exercise 4.2, "),
        ("code", "dense_backward"),
        ("strong", ": not right yet."),
        ("div", "dW has the wrong sign."),
        ("div", "dx is right. dW is wrong."),
        ("th", "x ="),
        ("pre", "[[1 2]\n [3 4]]"),
        ("th", "dW got ="),
        ("pre", "7 < 8"),
        ("div", "Your function printed:"),
        ("pre", "first\n<second>\n\n"),
        ("div", 'The lesson goes on with the reference. Stuck? hint("4.2") helps.'),
    ]
    assert read.attributes["role"] == "status"  # a screen reader says it


def test_what_is_not_there_leaves_no_trace_in_the_box():
    read = Read(feedback.box(EXERCISE, Verdict("right")))
    assert [tag for tag, _ in read.texts] == ["strong", "code", "strong", "div"]


def test_outcomes_differ_by_sign_and_by_colour():
    boxes = {outcome: feedback.box(EXERCISE, Verdict(outcome)) for outcome in feedback.HEADINGS}
    signs = {outcome: Read(box).texts[0][1][0] for outcome, box in boxes.items()}
    assert signs == {"not attempted": "○", "raised an error": "!", "wrong": "✗", "right": "✓"}
    colours = {Read(box).styles.split("solid ")[1].split(";")[0] for box in boxes.values()}
    assert len(colours) == 4
    assert all(len(colour) == 7 and int(colour[1:], 16) for colour in colours)


@pytest.fixture
def notebook(monkeypatch):
    """What a notebook displays: [data of each display, changed where it is updated]."""
    shown = []

    def display(data, raw, display_id=None):
        assert raw
        shown.append(dict(data))

        def update(data, raw):
            assert raw and display_id
            shown[-1] = dict(data)

        return SimpleNamespace(update=update)

    monkeypatch.setattr(IPython, "get_ipython", lambda: "a shell")
    monkeypatch.setattr(IPython.display, "display", display)
    return shown


BOTH = {
    "text/plain": feedback.text(EXERCISE, WRONG),
    "text/html": feedback.box(EXERCISE, WRONG),
}


def test_in_a_notebook_text_and_box_are_displayed(notebook, capsys):
    feedback.Place().show(EXERCISE, WRONG)
    assert notebook == [BOTH]
    assert capsys.readouterr().out == ""


def test_the_verdict_takes_the_place_of_the_sign_of_progress(notebook):
    place = feedback.Place()
    place.say_that_it_takes_a_moment()
    [first] = notebook
    assert first["text/plain"].startswith("Not right yet. Looking for the smallest change")
    place.show(EXERCISE, WRONG)
    assert notebook == [BOTH]


def test_without_a_notebook_the_text_is_printed(capsys):
    place = feedback.Place()
    place.say_that_it_takes_a_moment()
    place.show(EXERCISE, WRONG)
    assert capsys.readouterr().out == feedback.text(EXERCISE, WRONG) + "\n"


def test_progress_is_a_table_of_all_exercises(monkeypatch, notebook):
    made = [SimpleNamespace(number=f"1.{i}", name=f"function_{i}") for i in (1, 2, 3)]
    monkeypatch.setattr(feedback, "all_exercises", lambda: made)
    kept = {"1.1": {"outcome": "right", "attempts": 3}, "1.3": {"outcome": "wrong", "attempts": 1}}
    feedback.show_progress(kept)
    [shown] = notebook
    lines = shown["text/plain"].splitlines()
    assert lines[0] == "1 of 3 exercises are right."
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "✓ 1.1 function_1 right attempts: 3",
        "○ 1.2 function_2 not attempted attempts: 0",
        "✗ 1.3 function_3 wrong attempts: 1",
    ]
    assert len({line.index("attempts") for line in lines[1:]}) == 1  # one under the other
    texts = [text for _, text in Read(shown["text/html"]).texts]
    assert texts == [
        "1 of 3 exercises are right.",
        *("exercise", "function", "outcome", "attempts"),
        *("✓", "1.1", "function_1", "right", "3"),
        *("○", "1.2", "function_2", "not attempted", "0"),
        *("✗", "1.3", "function_3", "wrong", "1"),
    ]
