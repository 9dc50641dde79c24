"""Say which matrix-product kernel NumPy runs on, and fail where it is not the one asked for."""

import os
import sys

import numpy as np
from threadpoolctl import threadpool_info

np.ones((2, 2)) @ np.ones((2, 2))
(blas,) = [info for info in threadpool_info() if info["user_api"] == "blas"]
print(blas["internal_api"], blas["architecture"], f"{blas['num_threads']} threads")
asked = os.environ.get("OPENBLAS_CORETYPE", blas["architecture"])
same = {"Prescott": "Katmai", "Zen": "Haswell"}  # what OpenBLAS calls the kernels of these two
if blas["architecture"] not in (asked, same.get(asked)):
    sys.exit(f"asked for {asked}, which this machine cannot run")
