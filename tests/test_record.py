"""The record of progress: whatever happens to it, what can be read is kept and nothing crashes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.exercises import record
from course_utils.exercises.lessons import all_exercises, find

# The record by itself: importing the whole package takes a second in each process.
USE = """
import importlib.util, os, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("record", sys.argv[1])
record = importlib.util.module_from_spec(spec)
spec.loader.exec_module(record)
record.path = lambda: Path(sys.argv[2])
"""


@pytest.fixture
def old_file(monkeypatch, tmp_path):
    file = tmp_path / "deep" / "progress.json"
    monkeypatch.setattr(record, "path", lambda: file)
    return file


def start(script, file):
    command = [sys.executable, "-c", USE + script, record.__file__, str(file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def files(old_file):
    return sorted(p for p in old_file.parent.rglob("*") if p.is_file())


def test_a_stub_is_no_attempt(old_file):
    record.note("1.1", "not attempted")
    assert files(old_file) == []


def test_attempts_are_counted_and_the_best_outcome_is_kept(old_file):
    assert record.read() == {}
    for outcome in ("raised an error", "wrong", "raised an error"):
        record.note("1.1", outcome)
    assert record.read() == {"1.1": {"outcome": "wrong", "attempts": 3}}
    for outcome in ("right", "wrong"):
        record.note("1.1", outcome)
    record.note("1.10", "wrong")
    assert record.read() == {
        "1.1": {"outcome": "right", "attempts": 5},
        "1.10": {"outcome": "wrong", "attempts": 1},
    }


def test_a_process_writes_one_file_of_one_line_an_attempt(old_file):
    record.note("1.1", "right")
    record.note("2.1", "wrong")
    [file] = files(old_file)
    assert file.parent == old_file.parent / "progress"
    assert file.suffix == ".jsonl"
    lines = [json.loads(line) for line in file.read_text().split("\n") if line]
    assert lines == [
        {"exercise": "1.1", "outcome": "right"},
        {"exercise": "2.1", "outcome": "wrong"},
    ]


def test_what_was_solved_under_an_earlier_number_counts(old_file):
    old_file.parent.mkdir()
    old_file.write_text('{"6.8": {"outcome": "right", "attempts": 2}}')
    record.note("6.8", "wrong")
    record.note("7.1", "wrong")
    assert record.read() == {"7.1": {"outcome": "right", "attempts": 4}}


def test_an_earlier_number_finds_the_exercise_and_is_no_number_of_today():
    for earlier, today in record.RENUMBERED.items():
        assert find(earlier).number == today
    assert not set(record.RENUMBERED) & {described.number for described in all_exercises()}


def test_what_is_kept_can_be_forgotten(old_file):
    record.forget()
    record.note("1.1", "right")
    old_file.write_text('{"1.2": {"outcome": "right", "attempts": 1}}')
    assert len(record.read()) == 2
    record.forget()
    assert files(old_file) == []
    assert record.read() == {}
    record.note("1.1", "wrong")
    assert record.read() == {"1.1": {"outcome": "wrong", "attempts": 1}}


OLD = {
    "1.1": {"outcome": "right", "attempts": 3},
    "6.10": {"outcome": "raised an error", "attempts": 12},
}
OLD_TEXT = json.dumps(OLD, indent=1)


@pytest.mark.parametrize("text", [OLD_TEXT, json.dumps(OLD), "\ufeff" + OLD_TEXT])
def test_the_file_of_earlier_versions_is_read_and_left_alone(old_file, text):
    old_file.parent.mkdir()
    old_file.write_text(text, encoding="utf-8")
    assert record.read() == OLD
    record.note("1.1", "wrong")
    record.note("2.1", "wrong")
    assert record.read() == {
        "1.1": {"outcome": "right", "attempts": 4},
        "6.10": {"outcome": "raised an error", "attempts": 12},
        "2.1": {"outcome": "wrong", "attempts": 1},
    }
    assert old_file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "damaged",
    [
        OLD_TEXT[:-60],
        OLD_TEXT[:-1] + ', "1.2": 3}',
        OLD_TEXT[:-1] + ', "1.2": {"outcome": "right"}}',
        OLD_TEXT[:-1] + ', "1.2": {"outcome": "right", "attempts": Infinity}}',
        OLD_TEXT[:-1] + ', "1.2": {"outcome": "right", "attempts": -3}}',
        OLD_TEXT[:-1] + ', "1.2": {"outcome": "right", "attempts": %s}}' % ("9" * 5000),
        OLD_TEXT[:-1] + ', "1.2": {"outcome": "splendid", "attempts": 3}}',
        OLD_TEXT[:-1] + ', "1.2": ' + "[" * 100_000,
        "[" * 100_000 + OLD_TEXT,
        "\0" * 100 + OLD_TEXT + "\udcff",
    ],
)
def test_of_a_damaged_file_of_earlier_versions_the_rest_is_read(old_file, damaged):
    old_file.parent.mkdir()
    content = damaged.encode(errors="surrogateescape")
    old_file.write_bytes(content)
    kept = record.read()
    assert kept["1.1"] == OLD["1.1"]
    assert kept.keys() <= OLD.keys()
    record.note("1.2", "right")
    assert record.read() == {**kept, "1.2": {"outcome": "right", "attempts": 1}}
    assert old_file.read_bytes() == content


@pytest.mark.parametrize("content", ["", "{", "[]", '{"1.1": 3}', "null"])
def test_a_file_with_nothing_to_read_is_no_obstacle(old_file, content):
    old_file.parent.mkdir()
    old_file.write_text(content)
    assert record.read() == {}
    record.note("1.1", "right")
    assert record.read() == {"1.1": {"outcome": "right", "attempts": 1}}


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{", b"3", b"null", b"[]", b"Infinity", b"\xff\xfe", b"\0" * 50, b"[" * 100_000,
        b'{"a":' * 100_000, b"9" * 5000, b'{"exercise": "1.1"}', b'{"outcome": "right"}',
        b'{"exercise": "1.1", "outcome": "splendid"}', b'{"exercise": "1.1", "outcome": []}',
        b'{"exercise": "1.1", "outcome": "not attempted"}',
        b'{"exercise": 1.1, "outcome": "right"}',
        b'{"exercise": "1.1", "outcome": "rig', b'\xef\xbb\xbf{"exercise": "2.1"',
        b'{"exercise": null, "outcome": "right"}',
    ],
)  # fmt: skip
def test_a_damaged_line_spoils_no_other(old_file, line):
    record.note("1.1", "wrong")
    [file] = files(old_file)
    whole = file.read_bytes()
    file.write_bytes(b"\xef\xbb\xbf" + whole.strip() + b"\n" + line)  # no end of the line
    record.note("1.1", "right")
    file.with_name("another.jsonl").write_bytes(line + whole)
    assert record.read() == {"1.1": {"outcome": "right", "attempts": 3}}


def test_only_its_own_files_are_read(old_file):
    record.note("1.1", "wrong")
    [file] = files(old_file)
    file.with_suffix(".jsonl.bak").write_bytes(file.read_bytes())
    file.with_name("folder.jsonl").mkdir()
    assert record.read()["1.1"]["attempts"] == 1


def test_a_folder_that_cannot_be_written_spoils_no_answer(old_file):
    old_file.parent.write_text("a file where the folder should be")
    record.note("1.1", "right")
    assert record.read() == {}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit on Windows")
def test_a_full_disk_costs_only_what_does_not_fit(old_file):
    size = len('\n{"exercise": "1.1", "outcome": "right"}\n')
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({2 * size + 10}, resource.RLIM_INFINITY))
for _ in range(4):
    record.note("1.1", "right")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
record.note("1.1", "right")
"""
    process = start(script, old_file)
    process.communicate()
    assert process.returncode == 0
    assert record.read() == {"1.1": {"outcome": "right", "attempts": 3}}
    assert [file.suffix for file in files(old_file)] == [".jsonl"]


def test_two_processes_that_answer_at_once_lose_nothing(old_file):
    script = 'for _ in range(100): record.note("1.1", "right"); record.read()'
    processes = [start(script, old_file) for _ in range(2)]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    assert record.read() == {"1.1": {"outcome": "right", "attempts": 200}}
    assert len(files(old_file)) == 2


KILLED = """
import random, signal, time
random.seed(0)
for _ in range(200):
    ready, writing = os.pipe()
    child = os.fork()
    if child == 0:
        while True:
            record.note("1.1", "right")
            os.write(writing, b".")
    os.close(writing)
    os.read(ready, 1)
    time.sleep(random.uniform(0, 0.002))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    noted = 1
    while part := os.read(ready, 1 << 16):
        noted += len(part)
    os.close(ready)
    print(noted)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_two_hundred_kills_lose_nothing_and_leave_nothing_else(old_file):
    process = start(KILLED, old_file)
    output, _ = process.communicate()
    noted = [int(line) for line in output.split()]
    assert len(noted) == 200
    attempts = record.read()["1.1"]["attempts"]
    assert sum(noted) <= attempts <= sum(noted) + 200  # killed before it could tell
    assert [file.suffix for file in files(old_file)] == [".jsonl"] * 200


def test_the_record_lies_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert record.path() == Path(tmp_path) / "course_utils" / "progress.json"
