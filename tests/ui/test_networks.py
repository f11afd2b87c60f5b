"""Where a visitor comes from: by the address that a trusted proxy says, and as a name that does not tell it."""

import asyncio
import itertools

import pytest
import streamlit as st

from benchmarks.serving import Server, serving
from benchmarks.visitor import Visitor
from nst.ui import visitor


def named(monkeypatch: pytest.MonkeyPatch, address: str | None) -> str:
    monkeypatch.setattr(type(st.context), "ip_address", property(lambda _: address))
    return visitor.network()


def test_the_server_s_own_computer_and_what_is_no_address_have_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {named(monkeypatch, address) for address in (None, "", "testclient", "unix:")} == {""}


def test_each_ipv4_address_is_a_network_and_each_household_s_ipv6_addresses_are_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [
        named(monkeypatch, address)
        for address in ("192.0.2.1", "192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    ]
    assert len(set(names)) == 4
    assert names[2] == names[3]
    assert named(monkeypatch, "::ffff:192.0.2.1") == names[0]


def test_the_name_does_not_tell_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    name = named(monkeypatch, "192.0.2.1")
    monkeypatch.setattr(visitor, "_SALT", b"another process")
    assert named(monkeypatch, "192.0.2.1") != name


def test_tabs_behind_a_proxy_are_told_apart_by_the_address_that_it_says() -> None:
    with serving("serve.py", NST_PROFILE="public", NST_STATE="off", NST_QUEUE_JOBS=4) as server:
        asyncio.run(crowd(server))


async def crowd(server: Server) -> None:
    tabs = [Visitor(server.address, forwarded=f"192.0.2.{number}") for number in (1, 1, 1, 2)]
    for tab, mark in zip(tabs, itertools.count(1000)):
        await tab.open()
        await tab.submit(64, 150, mark)
    first, second, third, other = ("job=" in tab.query for tab in tabs)
    assert (first, second, third, other) == (True, True, False, True)
    assert "network" in tabs[2].errors[-1]
    for tab in tabs:
        await tab.close()
