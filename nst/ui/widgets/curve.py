"""The curve of J and its weighted parts over the evaluations of a job."""

from itertools import pairwise

from nst.jobs import JobSnapshot
from nst.ui.widgets.component import component

_component = component("curve")

_LINES = {"total": "J", "content": "content α·Jc", "style": "style β·Js", "tv": "smoothness γ·Jtv"}


def curve(job: JobSnapshot, key: str) -> None:
    """Draw the curve if there is one yet; the parts add up to J."""
    if len(job.history) < 2:
        return
    config = job.spec.recipe.config
    beta = job.history[-1].style_weight or config.style_weight
    weights = {"total": 1.0, "content": config.content_weight, "style": beta, "tv": config.tv_weight}
    scales = [then.step for before, then in pairwise(job.history) if then.scale > before.scale]
    _component(
        key=key,
        data={
            "steps": [record.step for record in job.history],
            "planned": job.history[-1].steps,
            "scales": scales,
            "lines": [
                {
                    "name": name,
                    "label": label,
                    "values": [_finite(weights[name] * getattr(record, name)) for record in job.history],
                }
                for name, label in _LINES.items()
                if weights[name] > 0
            ],
            "alt": f"J over the steps, on a logarithmic axis; it is {job.history[-1].total:.3g} now",
        },
    )


def _finite(value: float) -> float:
    """Return a number that JSON and a logarithmic axis can hold; J is infinite until it was finite once."""
    return float(f"{min(max(value, 1e-12), 1e30):.4g}")
