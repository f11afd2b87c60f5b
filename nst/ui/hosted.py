"""What ``nst serve`` puts around the page, for a host: routes, a log in lines of JSON, a network that loads at once.

* ``/healthz``: the process answers.
* ``/readyz``: 200 when visitors can be sent here, else 503 with the reason.
* ``/metrics``: Prometheus' text format, or 503 with the reason. For the operator alone: hosting/nginx.conf keeps it
  from visitors.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from nst.errors import HostingError
from nst.plan.machine import own_memory
from nst.server import metrics
from nst.server.logs import log_as_json
from nst.ui import guards, resources

guards.install()

# The endpoints below are plain functions: Starlette runs them in a thread, where waiting for the queue harms nobody.


def health(_: Request) -> Response:
    """Answer that the process is alive, and which server it is."""
    return PlainTextResponse("ok\n", headers={"X-NST-Server": resources.hosting().server_name})


def ready(_: Request) -> Response:
    """Answer whether visitors can be sent here."""
    try:
        reason = metrics.unfit(resources.runner().statistics())
    except HostingError as error:  # a cluster that does not answer
        reason = str(error)
    return PlainTextResponse("ready\n") if reason is None else PlainTextResponse(f"{reason}\n", 503)


def numbers(_: Request) -> Response:
    """Answer with the metrics."""
    try:
        statistics = resources.runner().statistics()
    except HostingError as error:  # a cluster that does not answer
        return PlainTextResponse(f"{error}\n", 503)
    device = None if statistics.loading else metrics.device()
    text = metrics.prometheus(statistics, own_memory(), device)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Load the network before the first visitor comes."""
    log_as_json()
    guards.name_sessions(resources.hosting().server_name)
    resources.runner()
    yield


ROUTES = [Route("/healthz", health), Route("/readyz", ready), Route("/metrics", numbers)]
