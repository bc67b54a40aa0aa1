"""Recipe that trains the bundled English command model and packs it in Vosk's format.

Run ``python -m training --help`` from the repository's root. The product itself never imports
this package: its tools (PyTorch and others) are the optional extra ``training``.
"""

import os

# Matrices here are small: BLAS threads would spend their time waiting for each other. This has to
# be set before NumPy is imported, here and in the background processes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
