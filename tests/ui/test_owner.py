"""Whose picture it is: a tab that comes back as a new session may stop it, somebody else with the address may not."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.serving import READY, Server, serving
from benchmarks.visitor import Visitor

ENDLESS = 5000


@pytest.mark.slow
def test_a_tab_stops_its_own_picture_after_the_server_was_killed_and_a_stranger_never(tmp_path: Path) -> None:
    server = Server(
        "serve.py", tmp_path / "log", NST_STATE=tmp_path / "state", NST_CHECKPOINT_SECONDS=0.2, NST_MAX_SIZE=128
    )
    try:
        asyncio.run(visit(server))
    finally:
        server.stop()


async def visit(server: Server) -> None:
    await asyncio.to_thread(server.wait, READY)
    owner = Visitor(server.address)
    await owner.open()
    await owner.submit(64, ENDLESS, 1000)
    while "%" not in owner.progress:
        assert await owner.follow()
    await asyncio.to_thread(server.kill)
    server.start()
    await asyncio.to_thread(server.wait, READY)
    stranger = Visitor(server.address, owner.query)
    await stranger.open()
    await stranger.press("cancel")
    await owner.open()
    owner.progress = ""
    while "%" not in owner.progress:  # nobody has stopped it
        assert await owner.follow()
    await owner.press("cancel")
    assert len(await owner.result()) > 1000
    await stranger.close()
    await owner.close()


def test_a_tab_that_loses_its_connection_again_and_again_can_still_stop_its_picture() -> None:
    with serving("app.py") as server:
        asyncio.run(lose_the_connection(server))


async def lose_the_connection(server: Server) -> None:
    owner = Visitor(server.address)
    await owner.open()
    await owner.submit(64, ENDLESS, 1000)
    for _ in range(3):  # each time a new session, which hears of the secret in another way than the one before
        await owner.open(again=True)
    await owner.press("cancel")
    for _ in range(120):
        if not await owner.follow():
            break
    else:
        raise AssertionError("it is still being painted")
    await owner.close()
