"""Open a folder of lessons in JupyterLab: `make lab` runs python tools/lab.py my_lessons

Nothing leaves the machine: labconfig/page_config.json, beside this file, switches off what would
ask on opening for news and for updates, and the extension manager does not look for extensions.
labconfig/default_setting_overrides.json wraps long lines of code, so that none hides at the side.
The user's own settings of JupyterLab stay as they are, and go before these defaults.

In the kernels, threads of BLAS that wait for work go to sleep at once. As they come they turn in
a circle for a while, and where another program wants the same cores, training takes three times
as long (`make bench`).
"""

import os
import sys
from pathlib import Path

from jupyterlab.labapp import LabApp


def main(folder, *options):
    """Start JupyterLab in the folder, with further options for it."""
    settings = [str(Path(__file__).resolve().parent), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")  # in powers of 2, as OpenBLAS wants it
    LabApp.launch_instance(
        [f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly", *options]
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
