"""The curve of J and its weighted parts over the evaluations of a job."""

from itertools import pairwise
from typing import Any

from nst.jobs import JobSnapshot
from nst.ui.language import number, text
from nst.ui.widgets.component import component
from nst.ui.widgets.terms import formula

_component = component("curve")


def curve(job: JobSnapshot, key: str) -> None:
    """Draw the curve if there is one yet; the parts add up to J."""
    if len(job.history) < 2:
        return
    terms = [name for name, weight in job.history[-1].weights.items() if weight > 0]
    scales = [then.step for before, then in pairwise(job.history) if then.scale > before.scale]
    _component(
        key=key,
        data={
            "steps": [record.step for record in job.history],
            "planned": job.history[-1].steps,
            "scales": scales,
            "lines": [
                _line("total", "J", [record.total for record in job.history]),
                *(
                    _line(name, formula(name), [record.weighted().get(name, 0.0) for record in job.history])
                    for name in terms
                ),
            ],
            "alt": text(
                "J over the steps, on a logarithmic axis; it is {value} now",
                value=number(job.history[-1].total, ".3g"),
            ),
            "end": text("{count} steps", count=job.history[-1].steps),
            "mark": number(0.5)[1],
        },
    )


def _line(name: str, label: str, values: list[float]) -> dict[str, Any]:
    return {"name": name, "label": label, "values": [_finite(value) for value in values]}


def _finite(value: float) -> float:
    """Return a number that JSON and a logarithmic axis can hold; J is infinite until it was finite once."""
    return float(f"{min(max(value, 1e-12), 1e30):.4g}")
