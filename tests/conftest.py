"""Set before any test imports NumPy or TensorFlow."""

import os

# NumPy's own thread pool and TensorFlow's would fight over the same few cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The servers that tests start leave nothing in the user's home.
os.environ.setdefault("NST_STATE", "off")
