"""A voice guide for the legs-up-the-wall pose: it listens, speaks and keeps you safe, offline."""

import os

__version__ = "0.1.0"

# Nothing leaves the machine (safety rule 19). onnxruntime looks at this when it is first imported,
# in this process and in those that it starts, so it is set before anything else can be.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
