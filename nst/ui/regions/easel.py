"""Where masks are painted: on the large picture of the canvas, in the place of what would be seen there otherwise.

A result that is shown stays until the visitor wants to mark something, and comes back with one press.
"""

import secrets
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nst.ui.language import text
from nst.ui.pictures.choice import Choice
from nst.ui.regions.mask_edits import Role, mask_canvas, mask_error
from nst.ui.widgets.markdown import literal

#: Keys of the job whose result has made room, and, by role, of what tells one wish to mark something from the next.
_OVER, _WISHES = "easel_over", "easel_wishes"


class Easel:
    """The canvas, for those who mark something.

    Attributes:
        is_used: Whether something has been drawn on it.
    """

    def __init__(self, place: DeltaGenerator, job_id: str, busy: bool) -> None:
        """Take a place on the canvas.

        Args:
            place: Where to draw.
            job_id: Of the job that the canvas shows otherwise; empty for none.
            busy: Whether that is under way. Then the brush is off the page: its strokes would travel to and fro with
                every look at the job.
        """
        self.is_used = False
        self._place, self._job_id, self._busy = place, job_id, busy

    def put_up(self, role: Role) -> None:
        """Let marks be painted in the place of the result, and come into view; called before the page runs again."""
        st.session_state[_OVER] = self._job_id
        st.session_state[_WISHES] = {**_wishes(), role: secrets.token_hex(4)}

    def draw(
        self, role: Role, choice: Choice, label: str, regions: Sequence[str], tools: Callable[[], None] | None = None
    ) -> None:
        """Draw the large picture to mark regions on, or here what leads to it.

        Args:
            role: What the masks are.
            choice: The picture.
            label: What is to be done, in a line.
            regions: Their names.
            tools: Draws further ones.
        """
        if self._busy:
            st.caption(text("The brush is back when the picture is finished."))
        elif self._job_id and st.session_state.get(_OVER) != self._job_id:
            mask_error(role)
            st.button(
                text("Mark on the large picture"), icon=":material/brush:", key=f"{role}_mark", on_click=self.put_up,
                args=(role,),
            )  # fmt: skip
        else:
            self.is_used = True
            with self._place, st.container(key=f"{role}_easel"):
                st.caption(literal(label))
                mask_canvas(role, choice, label, regions, _wishes().get(role, ""))
                with st.container(horizontal=True):
                    if tools is not None:
                        tools()
                    if self._job_id:
                        st.button(text("Back to the result"), key=f"{role}_back", on_click=_put_away)


def _put_away() -> None:
    st.session_state[_OVER] = None


def _wishes() -> dict[Role, str]:
    wishes: dict[Role, str] = st.session_state.get(_WISHES, {})
    return wishes
