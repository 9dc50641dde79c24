"""Every exercise: the stub, the reference, each variant and each misconception.

And the notebooks: the stub there is the reference without its body, and a broken function put
into the notebook's own cell is refused.
"""

import ast
import inspect
import textwrap
from pathlib import Path

import nbformat
import numpy as np
import pytest
from solve import is_exercise

import course_utils as cu
from course_utils.exercises import catch_up, engine, exercise, feedback, record
from course_utils.exercises.authoring import written_anew
from course_utils.exercises.lessons import all_exercises, find, lessons

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
EXERCISES = all_exercises()
CELLS = {
    cell.source.split('"')[1]: cell
    for path in sorted(NOTEBOOKS.glob("*.ipynb"))
    for cell in nbformat.read(path, as_version=4).cells
    if is_exercise(cell)
}


def number(described):
    return described.number


def pairs(kind):
    return [
        pytest.param(described, item, id=f"{described.number}-{i}")
        for described in EXERCISES
        for i, item in enumerate(getattr(described, kind), 1)
    ]


@pytest.fixture
def said(monkeypatch, tmp_path):
    """What is displayed, as (plain text, HTML); and no trace in the real record."""
    monkeypatch.setattr(record, "path", lambda: tmp_path / "progress.json")
    displayed = []
    monkeypatch.setattr(feedback, "_display", lambda *texts: displayed.append(texts))
    return displayed


def run_cell(source, **names):
    """Run a notebook's exercise cell; return what its name is bound to."""
    namespace = {"exercise": exercise, "cu": cu, "__name__": "__main__", **names}
    exec(source, namespace)
    return namespace[ast.parse(source).body[0].name]


def test_every_exercise_stands_in_its_notebook():
    assert sorted(CELLS) == sorted(described.number for described in EXERCISES)


@pytest.mark.parametrize("lesson", [int(p.stem[:2]) for p in sorted(NOTEBOOKS.glob("*.ipynb"))])
def test_a_lesson_has_at_least_four_exercises(lesson):
    assert len([e for e in EXERCISES if e.number.startswith(f"{lesson}.")]) >= 4


@pytest.mark.parametrize("described", EXERCISES, ids=number)
def test_an_exercise_has_hints_and_three_misconceptions(described):
    assert len(described.hints) >= 2
    assert len({m.sentence for m in described.misconceptions}) >= 3


@pytest.mark.parametrize("described", EXERCISES, ids=number)
def test_the_stub_has_the_signature_and_docstring_of_the_reference(described):
    stub = ast.parse(CELLS[described.number].source).body[0]
    reference = ast.parse(textwrap.dedent(inspect.getsource(described.reference))).body[0]
    assert stub.name == reference.name
    assert ast.get_docstring(stub) == ast.get_docstring(reference)
    assert _signatures(stub) == _signatures(reference)


def _signatures(tree):
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    functions = [f for f in functions if f is tree or f in getattr(tree, "body", [])]
    return [(f.name, ast.dump(f.args), ast.get_docstring(f)) for f in functions]


@pytest.mark.parametrize("described", EXERCISES, ids=number)
def test_the_stub_in_the_notebook_is_not_attempted(described, said):
    bound = run_cell(CELLS[described.number].source)
    assert bound is described.reference
    [(plain, _)] = said
    assert plain.startswith(f"Exercise {described.number}, {described.name}: not attempted yet.")
    assert record.read() == {}


@pytest.mark.parametrize("described", EXERCISES, ids=number)
def test_the_reference_is_right(described):
    verdict = engine.check(described, written_anew(described.reference))
    assert verdict.outcome == "right", verdict.says
    assert not verdict.changes


@pytest.mark.parametrize(("described", "variant"), pairs("variants"))
def test_another_right_implementation_is_right(described, variant):
    verdict = engine.check(described, _named(variant, described))
    assert verdict.outcome == "right", verdict.says


@pytest.mark.parametrize(("described", "misconception"), pairs("misconceptions"))
def test_a_misconception_is_rejected_and_named(described, misconception):
    verdict = engine.check(described, _named(misconception.implementation, described), seconds=0)
    assert verdict.outcome == "wrong", verdict.says
    assert verdict.misconception == misconception.sentence
    assert verdict.says[0] == misconception.sentence


def _named(implementation, described):
    """The implementation under the exercise's arguments, as a student would have written it."""
    if inspect.isclass(implementation):
        return implementation
    expected = list(inspect.signature(described.reference).parameters)
    assert list(inspect.signature(implementation).parameters) == expected
    return implementation


@pytest.mark.parametrize("described", EXERCISES, ids=number)
def test_a_broken_function_in_the_notebooks_own_cell_is_refused(described, said):
    broken = described.misconceptions[0].implementation
    tree = ast.parse(CELLS[described.number].source).body[0]
    if isinstance(tree, ast.ClassDef):
        source = f'{tree.name} = exercise("{described.number}")(broken)\n'
        namespace = {"exercise": exercise, "broken": broken}
        exec(source, namespace)
        bound = namespace[tree.name]
    else:
        names = ", ".join(argument.arg for argument in tree.args.args)
        source = CELLS[described.number].source.replace("...", f"return broken({names})")
        bound = run_cell(source, broken=broken)
    assert bound is described.reference
    [(plain, styled)] = said
    assert f"Exercise {described.number}, {described.name}: not right yet." in plain
    assert described.misconceptions[0].sentence in plain
    assert 'role="status"' in styled
    assert record.read()[described.number] == {"outcome": "wrong", "attempts": 1}


@pytest.mark.parametrize("described", EXERCISES, ids=number)
def test_calling_the_reference_is_looking_it_up(described):
    if inspect.isclass(described.reference):

        class Copied(described.reference):
            def forward(self, *arguments, **named):
                return super().forward(*arguments, **named)

        answer = Copied
    else:
        names = ", ".join(inspect.signature(described.reference).parameters)
        answer = eval(f"lambda {names}: reference({names})", {"reference": described.reference})
    verdict = engine.check(described, answer)
    assert verdict.outcome == "wrong"
    assert "calls the reference" in verdict.says[0]


PLAIN = [
    described
    for described in EXERCISES
    if not inspect.isclass(described.reference) and not described.run and not described.extremes
]


@pytest.mark.parametrize("described", PLAIN, ids=number)
def test_an_answer_in_float32_is_right(described):
    reference = written_anew(described.reference)
    names = ", ".join(inspect.signature(reference).parameters)

    def narrow(result):
        if isinstance(result, tuple):
            return tuple(narrow(part) for part in result)
        if isinstance(result, np.ndarray) and result.dtype == np.float64:
            return result.astype(np.float32)
        return result

    answer = eval(
        f"lambda {names}: narrow(reference({names}))", {"narrow": narrow, "reference": reference}
    )
    assert engine.check(described, answer).outcome == "right"


def test_an_exercise_of_an_older_copy_is_checked_by_its_new_number(said):
    notebook = {"exercise": exercise}
    stub = "def mended_backward(dz, x, W):\n    ..."
    exec(f'@exercise("5.6")\n{stub}', notebook)
    assert notebook["mended_backward"] is find("4.2").reference
    assert said[-1][0].startswith("Exercise 4.2")


def test_an_exercise_that_is_gone_leaves_the_function_as_it_is(capsys):
    def gradient_check(f, x, gradient, epsilon):
        return "my own"

    assert exercise("5.5")(gradient_check) is gradient_check
    assert "Exercise 5.5 is not in the course any more" in capsys.readouterr().out


def test_who_comes_late_gets_what_the_lessons_before_have_built(said):
    notebook = {"catch_up": catch_up, "softmax": "the student's own"}
    for _ in range(2):  # a second call changes nothing
        exec("catch_up(4)", notebook)
        assert notebook["softmax"] == "the student's own"
        assert notebook["dense_forward"] is find("2.1").reference
        assert notebook["sigmoid"] is find("3.3").reference  # the later one of two
        assert "dense_backward" not in notebook
        plain, styled = said.pop()
        first, *lines = plain.splitlines()
        assert first.endswith("Your notebook had softmax already: left as it was.")
        assert "2.1  dense_forward(x, W, b)" in lines
        assert not any(line.startswith("4.") for line in lines)
        assert "return x @ W + b" in styled


@pytest.mark.parametrize("lesson", range(2, lessons()[-1] + 2))
def test_every_lesson_can_be_caught_up_with(said, lesson):
    notebook = {"catch_up": catch_up}
    exec(f"catch_up({lesson})", notebook)
    built = [described for described in EXERCISES if int(described.number.split(".")[0]) < lesson]
    assert {described.name for described in built} <= notebook.keys()
    assert all(described.number in said[-1][0] for described in built)


@pytest.mark.parametrize("lesson", [1, 0, -3, 99, "4", None, True, 2.5])
def test_nothing_comes_before_what_is_no_later_lesson(lesson):
    with pytest.raises(ValueError, match="lesson must be a number from 2 to"):
        catch_up(lesson)
