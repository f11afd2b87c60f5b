"""A page that shows how often all garbage was looked for since its server's first run."""

import gc
from typing import Any

import streamlit as st


class Count:
    """Counts whole collections as long as it is among `gc.callbacks`."""

    whole = 0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        self.whole += phase == "start" and info["generation"] == 2


# Each run makes the class anew.
count: Any = next((each for each in gc.callbacks if type(each).__name__ == "Count"), None)
if count is None:
    count = Count()
    gc.callbacks.append(count)
st.text(f"{count.whole} collections")
