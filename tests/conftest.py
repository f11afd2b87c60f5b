"""Set before any test imports NumPy, TensorFlow or Ray."""

import os
import secrets

# NumPy's own thread pool and TensorFlow's would fight over the same few cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The servers that tests start leave nothing in the user's home.
os.environ.setdefault("NST_STATE", "off")
# As hosting/README.md has it for several machines; the token is for these tests alone.
os.environ["RAY_AUTH_MODE"] = "token"
os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
