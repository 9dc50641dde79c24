"""The student's copy of the lessons is made once and never overwritten."""

import pytest

from course_utils.exercises.workspace import update


@pytest.fixture
def folders(tmp_path):
    originals = tmp_path / "notebooks"
    originals.mkdir()
    (originals / "01_first.ipynb").write_text("one")
    (originals / "picture.png").write_text("no lesson")
    return originals, tmp_path / "mine"


def test_lessons_are_copied(folders):
    originals, mine = folders
    [sentence] = update(originals, mine)
    assert sentence == f"{mine / '01_first.ipynb'} is new."
    assert (mine / "01_first.ipynb").read_text() == "one"
    assert not (mine / "picture.png").exists()


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
    (originals / "01_first.ipynb").write_text("one, better")
    (originals / "02_second.ipynb").write_text("two")
    changed, new = update(originals, mine)
    assert "01_first.ipynb has changed since your copy was made" in changed
    assert new.endswith("02_second.ipynb is new.")
    assert (mine / "01_first.ipynb").read_text() == "my answers"
    assert (mine / "02_second.ipynb").read_text() == "two"


def test_renaming_ones_own_copy_fetches_the_new_one(folders):
    originals, mine = folders
    update(originals, mine)
    (originals / "01_first.ipynb").write_text("one, better")
    (mine / "01_first.ipynb").rename(mine / "01_mine.ipynb")
    update(originals, mine)
    assert (mine / "01_first.ipynb").read_text() == "one, better"
    assert (mine / "01_mine.ipynb").read_text() == "one"
    assert update(originals, mine) == []


def test_a_lost_note_of_the_versions_overwrites_nothing(folders):
    originals, mine = folders
    update(originals, mine)
    (mine / "01_first.ipynb").write_text("my answers")
    (mine / ".originals.json").write_text("{")
    update(originals, mine)
    assert (mine / "01_first.ipynb").read_text() == "my answers"
