"""The student's copy of the lessons is made once, without outputs, and never overwritten."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import workspace
from workspace import BECAME, update

ROOT = Path(__file__).parent.parent


def notebook(text, output="an answer"):
    """A lesson of one cell that was run, as bytes."""
    cell = nbformat.v4.new_code_cell(text, id="cell", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text=output)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()


def source(path):
    return nbformat.read(path, as_version=4).cells[0].source


@pytest.fixture
def folders(tmp_path):
    originals = tmp_path / "notebooks"
    originals.mkdir()
    (originals / "01_first.ipynb").write_bytes(notebook("one"))
    (originals / "picture.png").write_text("no lesson")
    return originals, tmp_path / "mine"


def test_lessons_are_copied(folders):
    originals, mine = folders
    [sentence] = update(originals, mine)
    assert sentence == f"{mine / '01_first.ipynb'} is new."
    assert source(mine / "01_first.ipynb") == "one"
    assert sorted(path.name for path in mine.iterdir()) == [".originals.json", "01_first.ipynb"]


@pytest.mark.parametrize(
    "original", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem
)
def test_a_copy_has_no_outputs_and_is_else_the_original(original, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / original.name).write_bytes(original.read_bytes())
    update(tmp_path / "notebooks", tmp_path / "mine")
    before = nbformat.read(original, as_version=4)
    after = nbformat.read(tmp_path / "mine" / original.name, as_version=4)
    assert any(cell.get("outputs") for cell in before.cells)
    for cell in before.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    assert after == before
    assert (tmp_path / "notebooks" / original.name).read_bytes() == original.read_bytes()


def test_a_copy_can_be_read_by_whom_any_new_file_can(folders):
    originals, mine = folders
    update(originals, mine)
    (mine / "any new file").touch()
    assert (mine / "01_first.ipynb").stat().st_mode == (mine / "any new file").stat().st_mode


def test_a_students_work_is_kept(folders):
    originals, mine = folders
    update(originals, mine)
    (mine / "01_first.ipynb").write_text("my answers")
    assert update(originals, mine) == []
    assert (mine / "01_first.ipynb").read_text() == "my answers"


def test_after_an_update_new_lessons_are_added_and_changed_ones_named(folders):
    originals, mine = folders
    update(originals, mine)
    (mine / "01_first.ipynb").write_text("my answers")
    (originals / "01_first.ipynb").write_bytes(notebook("one, better"))
    (originals / "02_second.ipynb").write_bytes(notebook("two"))
    changed, new = update(originals, mine)
    assert "01_first.ipynb has changed since your copy was made" in changed
    assert new.endswith("02_second.ipynb is new.")
    assert (mine / "01_first.ipynb").read_text() == "my answers"
    assert source(mine / "02_second.ipynb") == "two"


def test_other_outputs_are_no_change(folders):
    originals, mine = folders
    update(originals, mine)
    (originals / "01_first.ipynb").write_bytes(notebook("one", output="another picture"))
    assert update(originals, mine) == []


def test_renaming_ones_own_copy_fetches_the_new_one(folders):
    originals, mine = folders
    update(originals, mine)
    (originals / "01_first.ipynb").write_bytes(notebook("one, better"))
    (mine / "01_first.ipynb").rename(mine / "01_mine.ipynb")
    update(originals, mine)
    assert source(mine / "01_first.ipynb") == "one, better"
    assert source(mine / "01_mine.ipynb") == "one"
    assert update(originals, mine) == []


def test_a_lesson_that_the_course_renames_is_kept_and_said_once(folders):
    originals, mine = folders
    update(originals, mine)
    (mine / "01_first.ipynb").write_text("my answers")
    (originals / "01_first.ipynb").rename(originals / "01_another_name.ipynb")
    gone, new = update(originals, mine)
    assert gone == (
        f"The course has no 01_first.ipynb any more. {mine / '01_first.ipynb'} is kept as it is."
    )
    assert new == f"{mine / '01_another_name.ipynb'} is new."
    assert (mine / "01_first.ipynb").read_text() == "my answers"
    assert update(originals, mine) == []


def test_a_lesson_that_was_parted_is_kept_and_its_parts_are_added(folders):
    originals, mine = folders
    (originals / "06_cnn_comparison.ipynb").write_bytes(notebook("six"))
    update(originals, mine)
    (mine / "06_cnn_comparison.ipynb").write_text("my answers")
    (originals / "06_cnn_comparison.ipynb").unlink()
    for name in BECAME["06_cnn_comparison.ipynb"]:
        (originals / name).write_bytes(notebook(name))
    parted, *new = update(originals, mine)
    assert parted == (
        "06_cnn_comparison.ipynb has become 06_convolution.ipynb and 07_cnn_comparison.ipynb. "
        f"{mine / '06_cnn_comparison.ipynb'} is kept as it is and still works; what you have "
        "solved in it counts."
    )
    assert new == [
        f"{mine / name} is new." for name in ("06_convolution.ipynb", "07_cnn_comparison.ipynb")
    ]
    assert (mine / "06_cnn_comparison.ipynb").read_text() == "my answers"
    assert source(mine / "07_cnn_comparison.ipynb") == "07_cnn_comparison.ipynb"
    assert update(originals, mine) == []


def test_what_parted_lessons_became_is_there():
    for earlier, parts in BECAME.items():
        assert not (ROOT / "notebooks" / earlier).exists()
        assert all((ROOT / "notebooks" / part).exists() for part in parts)


def test_a_copy_made_with_its_outputs_is_known_by_the_version_of_that_time(folders):
    originals, mine = folders
    content = (originals / "01_first.ipynb").read_bytes()
    mine.mkdir()
    (mine / "01_first.ipynb").write_bytes(content)
    noted = {"01_first.ipynb": hashlib.sha256(content).hexdigest()}
    (mine / ".originals.json").write_text(json.dumps(noted))
    assert update(originals, mine) == []
    assert (mine / "01_first.ipynb").read_bytes() == content
    (originals / "01_first.ipynb").write_bytes(notebook("one, better"))
    [changed] = update(originals, mine)
    assert "has changed since your copy was made" in changed
    assert (mine / "01_first.ipynb").read_bytes() == content


@pytest.mark.parametrize("lost", ["{", "[1]", "7", "\ufeff{}", "[" * 100_000])
def test_a_lost_note_of_the_versions_overwrites_nothing(folders, lost):
    originals, mine = folders
    update(originals, mine)
    (mine / "01_first.ipynb").write_text("my answers")
    (mine / ".originals.json").write_text(lost, encoding="utf-8")
    assert update(originals, mine) == []
    assert (mine / "01_first.ipynb").read_text() == "my answers"
    assert update(originals, mine) == []


def test_an_interrupted_update_still_knows_the_version_of_each_copy(folders, monkeypatch):
    originals, mine = folders
    (originals / "02_second.ipynb").write_bytes(notebook("two"))
    create = workspace._create

    def stop_after_one(path, content):
        create(path, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(workspace, "_create", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        update(originals, mine)
    monkeypatch.undo()
    (originals / "01_first.ipynb").write_bytes(notebook("one, better"))
    changed, new = update(originals, mine)
    assert "01_first.ipynb has changed" in changed
    assert new.endswith("02_second.ipynb is new.")


def test_a_copy_that_another_has_just_made_is_not_replaced(folders, monkeypatch):
    originals, mine = folders
    create = workspace._create

    def another_is_quicker(path, content):
        path.write_text("answers of the first minute")
        return create(path, content)

    monkeypatch.setattr(workspace, "_create", another_is_quicker)
    assert update(originals, mine) == []
    assert (mine / "01_first.ipynb").read_text() == "answers of the first minute"
    assert sorted(path.name for path in mine.iterdir()) == [".originals.json", "01_first.ipynb"]


def test_a_file_system_without_links_will_do(folders, monkeypatch):
    def no_link(*_):
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    originals, mine = folders
    update(originals, mine)
    assert source(mine / "01_first.ipynb") == "one"
    assert sorted(path.name for path in mine.iterdir()) == [".originals.json", "01_first.ipynb"]


def test_four_at_once_make_one_whole_copy(folders):
    originals, mine = folders
    for number in range(2, 12):
        (originals / f"{number:02}.ipynb").write_bytes(notebook(f"lesson {number}"))
    command = [sys.executable, str(ROOT / "tools" / "workspace.py"), str(originals), str(mine)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert "".join(said).count("is new.") == 11  # each lesson by one of them
    names = sorted(path.name for path in originals.glob("*.ipynb"))
    assert sorted(path.name for path in mine.iterdir()) == [".originals.json", *names]
    assert source(mine / "07.ipynb") == "lesson 7"
    assert list(json.loads((mine / ".originals.json").read_text())) == names
