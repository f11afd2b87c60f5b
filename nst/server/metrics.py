"""The queue and the process in Prometheus' text format, and whether the server is fit to take visitors.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4. Nothing here names a visitor, a job
or a picture.
"""

import sys

from nst.jobs import Statistics

#: Seconds without a sign of life from a running job after which the server no longer counts as ready.
STALLED = 600.0


def prometheus(numbers: Statistics, memory: int, device: str | None) -> str:
    """Return the metrics.

    Args:
        numbers: Of the queue.
        memory: Resident bytes of this process.
        device: What this process computes on; None if it does not compute, or not yet.
    """
    lines: list[str] = []

    def metric(name: str, kind: str, text: str, *values: tuple[str, float]) -> None:
        lines.append(f"# HELP {name} {text}")
        lines.append(f"# TYPE {name} {kind}")
        lines.extend(f"{name}{labels} {value:.10g}" for labels, value in values)

    jobs = [(f'{{state="{state}"}}', count) for state, count in numbers.jobs.items()]
    ended = [(f'{{state="{state}"}}', count) for state, count in numbers.ended.items()]
    metric("nst_jobs", "gauge", "Jobs that are known now, by state; queued is the length of the queue.", *jobs)
    metric("nst_jobs_ended_total", "counter", "Jobs that have ended, by state.", *ended)
    metric("nst_jobs_refused_total", "counter", "Jobs that a limit kept out.", ("", numbers.refused))
    metric("nst_jobs_recovered_total", "counter", "Jobs that lost their worker or server.", ("", numbers.recovered))
    metric("nst_job_seconds_sum", "counter", "Seconds that workers have spent on jobs.", ("", numbers.busy_seconds))
    metric("nst_queue_oldest_wait_seconds", "gauge", "Wait of the first in the queue.", ("", numbers.oldest_wait))
    metric("nst_silent_seconds", "gauge", "Since a running job gave a sign of life.", ("", numbers.silent))
    metric("nst_workers", "gauge", "Workers with the network loaded.", ("", numbers.workers))
    metric("process_resident_memory_bytes", "gauge", "Memory of this process.", ("", memory))
    if device is not None:
        metric("nst_device_info", "gauge", "What the jobs are computed on.", (f'{{device="{_escaped(device)}"}}', 1))
    return "\n".join(lines) + "\n"


def unfit(numbers: Statistics) -> str | None:
    """Return why the server should get no new visitors, or None if it should."""
    if numbers.loading:
        return "No worker has loaded the network yet."
    if numbers.silent > STALLED:
        return f"The running job has given no sign of life for {numbers.silent:.0f} s."
    return None


def device() -> str | None:
    """Return what this process computes on; None if the network is not loaded here."""
    # Not imported: that would load TensorFlow in a process that may only serve pages.
    precision = sys.modules.get("nst.engine.device")
    return None if precision is None else str(precision.device_name())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
