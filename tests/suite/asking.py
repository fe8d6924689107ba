"""What a process says that may import Keras."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tests import warm


def answer(imports: str, expression: str) -> Any:
    """The value of `expression` after the statements `imports`, in a process of its own, passed on as JSON."""
    program = f"import json; {imports}; print(json.dumps({expression}))"
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = warm.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])
