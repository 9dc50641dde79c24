"""The progress bar in a notebook: it shows how far a training is, and nothing of it is saved.

In a terminal it is tqdm's: tests/test_training.py.
"""

import nbformat
import pytest
from nbclient import NotebookClient

TRAINING = """
import time
from course_utils.progress_bar import progress_bar

def train(steps, seconds=0.02):
    with progress_bar(steps) as bar:
        for step in range(steps):
            time.sleep(seconds)
            bar.update()
            bar.set_postfix_str("loss < 1")
"""


@pytest.fixture
def run(monkeypatch):
    """Run one cell after TRAINING as JupyterLab would; its outputs, and every state of the bar."""
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")

    def run(code):
        cells = [nbformat.v4.new_code_cell(source) for source in (TRAINING, code)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        client = NotebookClient(notebook, timeout=60, kernel_name="python3")
        seen = []
        handle = client.process_message

        def watch(message, *arguments):
            if message["msg_type"] in ("display_data", "update_display_data"):
                seen.append(message["content"]["data"])
            return handle(message, *arguments)

        monkeypatch.setattr(client, "process_message", watch)
        client.execute()
        return notebook.cells[1].outputs, seen

    return run


def test_a_bar_is_seen_and_then_emptied(run):
    outputs, seen = run("train(50)")
    [output] = outputs
    assert output.data == {}
    *bars, last = seen
    assert last == {}
    assert len(bars) >= 2
    assert all('aria-label="training"' in bar["text/html"] for bar in bars)
    assert "of 50, about " in bars[0]["text/plain"]
    assert bars[0]["text/plain"].endswith("s left. loss < 1")
    assert "loss &lt; 1" in bars[0]["text/html"]


STOPPED = """
try:
    with progress_bar(3) as bar:
        time.sleep(0.3)
        bar.update()
        raise KeyboardInterrupt
except KeyboardInterrupt:
    pass
"""


def test_a_bar_is_emptied_where_the_training_is_stopped(run):
    [output], seen = run(STOPPED)
    assert len(seen) == 2
    assert output.data == {}


def test_a_quick_training_shows_none(run):
    assert run("train(5, seconds=0)") == ([], [])
