"""tools/lab.py: what JupyterLab and its kernels are started with."""

import os

import lab
import pytest


@pytest.fixture
def environment(monkeypatch):
    """The environment that JupyterLab would be started in; the one of the tests stays as it is."""
    monkeypatch.setattr(lab.LabApp, "launch_instance", lambda options: None)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    os.environ.pop("OPENBLAS_THREAD_TIMEOUT", None)
    return os.environ


def test_threads_of_blas_that_wait_go_to_sleep(environment):
    lab.main("lessons")
    assert environment["OPENBLAS_THREAD_TIMEOUT"] == "4"


def test_what_the_user_has_set_stays(environment):
    environment["OPENBLAS_THREAD_TIMEOUT"] = "20"
    lab.main("lessons")
    assert environment["OPENBLAS_THREAD_TIMEOUT"] == "20"


def test_the_users_own_configuration_is_looked_at_as_well(environment):
    environment["JUPYTER_CONFIG_PATH"] = "of the user"
    lab.main("lessons")
    first, second = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert os.path.isfile(os.path.join(first, "labconfig", "page_config.json"))
    assert second == "of the user"
