"""Intel's library of convolutions, oneDNN, which TensorFlow brings along and leaves off on most processors.

By itself TensorFlow uses it on Linux only where a processor has instructions for 8-bit or bfloat16 products. It serves
float32 on others as well, with the convolutions in the form that suits it (`nst.engine.convolution`): J and its
gradient then take less of the processor's time and less memory, since TensorFlow with oneDNN also keeps a pool of
memory instead of taking each array from the system, page by page (see `benchmarks/ordinary.json`).
"""

import os
import platform

SWITCH = "TF_ENABLE_ONEDNN_OPTS"
_X86 = {"x86_64", "amd64"}


def enable() -> None:
    """Have TensorFlow use oneDNN when it is imported, on x86 and unless the user's environment says otherwise.

    After TensorFlow's import it is too late, and harmless.
    """
    if platform.machine().lower() in _X86:
        os.environ.setdefault(SWITCH, "1")
