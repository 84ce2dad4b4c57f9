"""Which URLs and addresses may be called: the ways to write an address that is not meant to be reached."""

from __future__ import annotations

import pytest

from clarion.channels.calls.guard import Guard, networks
from clarion.channels.calls.port import CalloutFailed
from clarion.channels.calls.web import addresses_of
from clarion.core.errors import Invalid

REFUSED = """
0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.8.8.8 168.63.129.16 169.254.169.254 169.254.170.2
172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1
240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe 64:ff9b::127.0.0.1
64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:a9fe:a9fe::1 2001:0:1::1 2001:db8::1 fc00::1 fd00:ec2::254 fe80::1
fe80::1%1 fec0::1 ff02::1 100::1 rubbish 1.2.3 1.2.3.4.5
""".split()

ALLOWED = (
    "8.8.8.8 1.1.1.1 172.32.0.1 2606:4700:4700::1111 2a00:1450:4001:82a::200e ::ffff:8.8.8.8 64:ff9b::8.8.8.8".split()
)


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not Guard().admits(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_admitted(address: str) -> None:
    assert Guard().admits(address)


def test_networks_of_the_setting_are_admitted_and_no_others() -> None:
    guard = Guard(networks("callout_networks", "10.1.0.0/16, fd12::/16 127.0.0.1/32"))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::7", "127.0.0.1"):
        assert guard.admits(address), address
    for address in ("10.2.0.1", "fd13::1", "127.0.0.2", "::1", "169.254.169.254"):
        assert not guard.admits(address), address


@pytest.mark.parametrize("text", ["10.0.0.1/8", "localhost", "10.0.0.0/33"])
def test_a_setting_that_names_no_network_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="callout_networks"):
        networks("callout_networks", text)


@pytest.mark.parametrize(
    "host",
    "127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 0 [::1] [::ffff:127.0.0.1] "
    "[::ffff:7f00:1] localhost LOCALHOST localhost. 0xa9fea9fe 2852039166 0251.0376.0251.0376".split(),
)
def test_however_an_address_is_written_it_is_judged_by_what_the_system_makes_of_it(host: str) -> None:
    """Each of these is either nothing to the system, or a loopback or link-local address that is refused."""
    guard = Guard()
    try:
        target = guard.target(f"https://{host}/hook")
        found = addresses_of(target.host, target.port)
    except (Invalid, OSError):
        return
    with pytest.raises(CalloutFailed, match="may not be called"):
        guard.admitted(target, found)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "//hook.example/",
        "http://hook.example/",
        "ftp://hook.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://lea:secret@hook.example/",
        "https://lea@hook.example/",
        "https://@hook.example/",
        "https://hook.example:port/",
        "https://hook.example:70000/",
        "https://hook.example:0/",
        "https://hook.example/a b",
        "https://hook.example/\r\nX: 1",
        "https://hook.example\\@evil.example/",
        "https://ho\u0000ok.example/",
        "https://höök.example/",
        "https://-hook/",
        "https://ho%6fk.example/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://hook.example/" + "a" * 2_048,
    ],
)
def test_urls_that_are_not_called(url: str) -> None:
    with pytest.raises(Invalid):
        Guard().target(url)


def test_a_url_is_taken_apart() -> None:
    target = Guard().target("https://Hook.example:8443/a/b?key=secret#part")
    assert target == (True, "hook.example", 8443, "/a/b?key=secret", "https://Hook.example:8443/a/b")
    assert Guard().target("https://hook.example").port == 443
    assert Guard(http=True).target("http://hook.example?x=1")[:4] == (False, "hook.example", 80, "/?x=1")


def test_of_several_addresses_those_that_are_allowed_are_left() -> None:
    target = Guard().target("https://hook.example/")
    assert Guard().admitted(target, ["10.0.0.1", "8.8.8.8", "::1", "1.1.1.1"]) == ["8.8.8.8", "1.1.1.1"]
    with pytest.raises(CalloutFailed, match="has no address"):
        Guard().admitted(target, [])
