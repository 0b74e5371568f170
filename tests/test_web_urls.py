"""URLs are brought into one form or refused, and every address is checked before it is used."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.web.addresses import checked, public, resolve
from index.web.urls import RefusedError, clean, links


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Example.ORG", "https://example.org/"),
        ("https://example.org:443/a#top", "https://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://bücher.example/é?q=ü", "https://xn--bcher-kva.example/%C3%A9?q=%C3%BC"),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ("https://BÜCHER。example/", "https://xn--bcher-kva.example/"),
        ("https://１２７.0.0.1/", "https://127.0.0.1/"),
        ("https://example.org/x/../a/./b/..", "https://example.org/a/"),
        ("https://example.org/../../a", "https://example.org/a"),
        ("https://example.org/%2E%2e/%7Ea%c3%a9%2f", "https://example.org/~a%C3%A9%2F"),
        ("https://example.org/a?u=%2e%2e/%41", "https://example.org/a?u=../A"),
        ("https://example.org/a?utm_source=x&id=3&fbclid=y", "https://example.org/a?id=3"),
        ("https://example.org/?UTM_Medium=x", "https://example.org/"),
        ("https://example.org/a?id=3&&b", "https://example.org/a?id=3&&b"),
        ("http://[::1]:81/", "http://[::1]:81/"),
        (" https://example.org/a b\n", "https://example.org/a%20b"),
    ],
)
def test_a_url_has_one_form(url: str, expected: str) -> None:
    """Case, default ports, fragments, tracking and other alphabets make no second page."""
    assert clean(url) == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "file scheme"),
        ("javascript:alert(1)", "javascript scheme"),
        ("ftp://example.org/a", "ftp scheme"),
        ("/relative", "no scheme"),
        ("https://me:secret@example.org/", "name or password"),
        ("https://me@example.org/", "name or password"),
        ("https://@example.org/", "name or password"),
        ("https:///a", "no host"),
        ("https://../a", "not a URL"),
        ("https://a..b/", "not a URL"),
        ("https://exa mple.org/", "not a URL"),
        ("https://[::1/", "not a URL"),
        ("https://[zz]/", "not a URL"),
        ("https://example.org:99999/", "not a URL"),
        ("https://example.org/\ud800", "not a URL"),
        ("https://example.org/" + "a" * 2000, "longer than"),
    ],
)
def test_what_is_not_for_us_is_refused_by_name(url: str, reason: str) -> None:
    """Other schemes, credentials and malformed URLs are refused, and the reason says which."""
    with pytest.raises(RefusedError, match=reason):
        clean(url)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40), st.sampled_from(["", "http://example.org/a/b?c", "https://[::1]/"]))
def test_cleaning_is_done_once(rest: str, base: str) -> None:
    """Any text is refused, or becomes ASCII of http or https that is clean already."""
    for url in (rest, f"http://{rest}", f"//h/{rest}"):
        try:
            cleaned = clean(url, base)
        except RefusedError:
            continue
        assert cleaned.isascii()
        assert cleaned.startswith(("http://", "https://"))
        assert clean(cleaned) == cleaned


def test_links_of_a_page_are_read_in_any_order_of_attributes() -> None:
    """The relation may stand before or behind the target, quoted or not."""
    page = b"""<link href='/a?x=1&amp;y=2' rel=canonical><LINK REL="Canonical" HREF=/b>
    <link rel="alternate" type="application/rss+xml" href="/feed"><link rel=canonical>"""
    assert list(links(page, "canonical")) == [("", "/a?x=1&y=2"), ("", "/b")]
    assert list(links(page, "alternate")) == [("application/rss+xml", "/feed")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "fc00::1",
        "ff02::1",
    ],
)
def test_private_and_reserved_addresses_are_not_public(address: str) -> None:
    """Also where IPv6 wraps an IPv4 address."""
    assert not public(ipaddress.ip_address(address))
    with pytest.raises(RefusedError, match="private or reserved"):
        checked("example.org", 80, allow_private=False, ask=lambda *_: [address])


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    """The check lets through what it is there for."""
    assert checked("example.org", 80, allow_private=False, ask=lambda *_: [address]) == [address]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "::1"]
)
def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    """Decimal, hexadecimal, octal and shortened forms are addresses, and no resolver is asked."""

    def never(*_: object) -> list[str]:
        raise AssertionError("asked the resolver")

    with pytest.raises(RefusedError, match="private or reserved"):
        checked(host, 80, allow_private=False, ask=never)


def test_one_private_address_among_several_refuses_the_host() -> None:
    """A host that is public and private at once is not connected to at all."""
    with pytest.raises(RefusedError, match=r"example.org is 10\.0\.0\.1"):
        checked("example.org", 80, allow_private=False, ask=lambda *_: ["8.8.8.8", "10.0.0.1"])


def test_the_system_knows_this_machine() -> None:
    """The real resolver gives the addresses of a name, which are then refused."""
    assert "127.0.0.1" in resolve("localhost", 80)
    with pytest.raises(RefusedError, match="localhost is"):
        checked("localhost", 80, allow_private=False)
    assert socket.gethostbyname("localhost") in checked("localhost", 80, allow_private=True)
