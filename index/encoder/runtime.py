"""ONNX Runtime without its telemetry: the only module that imports it.

On Linux and macOS it writes an identifier of the machine and a database of events into the user's
cache folder as soon as a session is made, to report to a web service, unless a variable says
otherwise when it is imported. Pullquote reports nothing to anybody.
"""

from __future__ import annotations

import os
from typing import Any


def onnxruntime() -> Any:
    """Return the module ``onnxruntime``, imported at the first call."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime
