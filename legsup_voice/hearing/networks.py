"""Neural networks, run by ONNX Runtime."""

from pathlib import Path
from typing import Any

from legsup_voice.hearing.models import broken


def network(path: Path) -> Any:  # noqa: ANN401 - the package has no types
    """Return the network at `path`, ready to run on one thread.

    Raises:
        UserError: the file is missing or broken.
    """
    # It takes 18 MB and 0.1 s, and has to be told before not to report home: see the entry.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Whole arenas kept for the longest utterance would be 40 MB that a Pi needs elsewhere.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no other base
        raise broken(path) from error
