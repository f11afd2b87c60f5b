"""Intel's library of convolutions, oneDNN, which TensorFlow brings along and leaves off on most processors.

By itself TensorFlow uses it on Linux only where a processor has instructions for 8-bit or bfloat16 products. It serves
float32 on others as well, with the convolutions in the form that suits it (`nst.engine.convolution`): J and its
gradient then take less of the processor's time and less memory, since TensorFlow with oneDNN also keeps a pool of
memory instead of taking each array from the system, page by page (see `benchmarks/ordinary.json`).
"""

import os
import platform

import numpy as np

SWITCH = "TF_ENABLE_ONEDNN_OPTS"
_X86 = {"x86_64", "amd64"}


#: What NumPy calls AVX-512 among a processor's extensions, by its version; and oneDNN's names of those without.
_WIDE, _NARROW = ("AVX512", "X86_V4"), ("SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2")


def is_on() -> bool:
    """Return whether TensorFlow uses oneDNN in this process for what it does not use it for by itself."""
    return platform.machine().lower() in _X86 and os.environ.get(SWITCH, "1") == "1"


def has_avx512() -> bool | None:
    """Return whether oneDNN finds AVX-512 here, and may use it (ONEDNN_MAX_CPU_ISA); None if unknown."""
    if platform.machine().lower() not in _X86:
        return None
    if os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper() in _NARROW:
        return False
    try:
        extensions = np.show_config(mode="dicts")["SIMD Extensions"]
        known = [*extensions["baseline"], *extensions["found"], *extensions["not found"]]
    except (KeyError, TypeError):
        return None
    if not any(name.startswith(_WIDE) for name in known):
        return None  # a NumPy that was built without them does not look for them
    return any(name.startswith(_WIDE) for name in (*extensions["baseline"], *extensions["found"]))


def enable() -> None:
    """Have TensorFlow use oneDNN when it is imported, on x86 and unless the user's environment says otherwise.

    After TensorFlow's import it is too late, and harmless.
    """
    if platform.machine().lower() in _X86:
        os.environ.setdefault(SWITCH, "1")
