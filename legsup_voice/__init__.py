"""A voice guide for the legs-up-the-wall pose: it listens, speaks and keeps you safe, offline."""

import os

__version__ = "0.1.0"

# Nothing leaves the machine (safety rule 19). onnxruntime looks at this when it is first imported,
# in this process and in those that it starts, so it is set before anything else can be.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# On more than one core NumPy's matrix products would start threads that wait for each other by
# spinning, for matrices that one core has done before they are awake.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
