"""Grants: how they are written, what they cover, and what they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.policy.grants import (
    Grant,
    is_pattern,
    matches,
    may_send,
    may_spawn,
    may_stop,
    missing,
    reaches_beyond,
)


@pytest.mark.parametrize(
    "text",
    [
        *("spawn:worker", "stop:worker", "stop:worker/*", "stop:worker/17", "stop:*"),
        *(
            "mount:/usr/share/doc",
            "mount:/usr/share/doc/*",
            "mount:/",
            "mount:/*",
            "source:/a b/c.py",
        ),
        *("http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost", "https://a.com:8443"),
        *("https://*.example.com", "https://*.example.com:8443", "https://xn--bcher-kva.example"),
        *("address:10.0.0.0/8", "address:127.0.0.1/32", "address:::1/128", "address:fd00::/8"),
    ],
)
def test_a_grant_is_its_text(text):
    grant = Grant.parse(text)
    assert str(grant) == text
    assert f"{grant.kind}:{grant.target}" == text
    assert Grant.parse(str(grant)) == grant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a grant"),
        ("worker", 'write "kind:target"'),
        ("spawn", "is not a grant"),
        ("Spawn:worker", 'no grant is called "Spawn"; did you mean "spawn"?'),
        ("ftp:example", 'no grant is called "ftp"'),
        ("http:example", "is no URL such as"),
        ("https://a.com/", 'write "https://a.com"'),
        ("https://A.com", 'write "https://a.com"'),
        ("https://*.A.com", 'write "https://*.a.com"'),
        ("http://a.com:80", 'write "http://a.com"'),
        ("http://a.com:080", "no port"),
        ("http://a.com:65536", "no port"),
        ("http://u:p@a.com", "is no URL such as"),
        ("http://127.1", "no address of a machine"),
        ("http://0x7f000001", "no address of a machine"),
        ("http://2130706433", "no address of a machine"),
        ("http://[::0:1]", 'write "http://[::1]"'),
        ("http://[fe80::1%eth0]", "is no URL such as"),
        ("https://*", "no name of a machine"),
        ("https://a.*.com", "no name of a machine"),
        ("https://*.127.0.0.1", "before a name"),
        ("https://a.com.", "no name of a machine"),
        ("https://b\u00fccher.example", "no letters beyond ASCII"),
        ("address:", "no network such as"),
        ("address:10.0.0.1", 'write "10.0.0.1/32"'),
        ("address:10.0.0.1/8", 'write "10.0.0.0/8"'),
        ("address:10.0.0.0/255.0.0.0", 'write "10.0.0.0/8"'),
        ("address:10/8", "no network such as"),
        ("address:FD00::/8", 'write "fd00::/8"'),
        ("address:fe80::1%eth0/128", "no network such as"),
        ("address:::ffff:10.0.0.0/104", "write"),
        ("address:::ffff:a00:0/104", "write the IPv4 network"),
        ("address:localhost", "no network such as"),
        ("spawn:", "the name of a kind"),
        ("spawn:*", "the name of a kind"),
        ("spawn:worker/1", "the name of a kind"),
        ("spawn:world", "the name of a kind"),
        ("spawn:worker ", "the name of a kind"),
        ("stop:", "an address"),
        ("stop:*/1", "an address"),
        ("stop:work*", "an address"),
        ("stop:/*", "an address"),
        ("stop:worker/", "an address"),
        *[
            (f"mount:{path}", "an absolute path")
            for path in (
                *("", "docs", "~", "./x", "/a/", "/a//b", "//a", "/a/../b", "/..", "/a/./b"),
                *("/a*", "/*/a", "/a/*/*", "/a\n", "/a\0", "/\x1b[2J", "*"),
            )
        ],
    ],
)
def test_what_is_not_a_grant(text, said):
    with pytest.raises(Wrong) as caught:
        Grant.parse(text)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


@given(
    st.text(max_size=20)
    | st.from_regex(r"(spawn|stop|mount|source|https?):[/a*.:1]{0,9}", fullmatch=True)
)
def test_any_text_is_a_grant_or_wrong(text):
    try:
        grant = Grant.parse(text)
    except Wrong:
        return
    assert str(grant) == text


@pytest.mark.parametrize(
    ("pattern", "covered", "others"),
    [
        ("worker", ["worker"], ["worker/1", "workers", "work"]),
        ("worker/*", ["worker/1", "worker/a/b"], ["worker", "workers/1", "worker/", "a/worker/1"]),
        ("worker/a/*", ["worker/a/b"], ["worker/a", "worker/b"]),
        ("*", ["worker", "worker/1"], []),
    ],
)
def test_patterns(pattern, covered, others):
    assert is_pattern(pattern)
    assert [address for address in covered + others if matches(pattern, address)] == covered


@pytest.mark.parametrize(
    "text", ["", "/*", "a*", "**", "*/a", "a/*/b", "a/**", "A", "a//*", "a/*/*"]
)
def test_what_is_no_pattern(text):
    assert not is_pattern(text)


def test_who_may_do_what():
    grants = (Grant.parse("spawn:worker"), Grant.parse("stop:worker/*"))
    assert may_spawn(grants, "worker")
    assert not may_spawn(grants, "work")
    assert not may_spawn((), "worker")
    assert may_stop(grants, "worker/1")
    assert not may_stop(grants, "worker")
    assert not may_stop((Grant("spawn", "worker"),), "worker")
    assert may_send(None, "anyone")
    assert may_send(("writer", "worker/*"), "worker/1")
    assert not may_send(("writer", "worker/*"), "reader")
    assert not may_send((), "writer")


def test_what_reaches_beyond_a_folder():
    paths = [
        ("source", "/home/me/world/a.py"),
        ("mount", "/home/me/world"),
        ("mount", "/home/me/world2"),
        ("mount", "/home/me"),
        ("source", "/opt/a.py"),
        ("source", "/opt/a.py"),
    ]
    assert list(map(str, reaches_beyond("/home/me/world", paths))) == [
        "mount:/home/me",
        "mount:/home/me/world2",
        "source:/opt/a.py",
    ]
    assert reaches_beyond("/", paths) == []


@pytest.mark.parametrize(
    ("allow", "needed", "given"),
    [
        ("mount:/usr/share/doc", "mount:/usr/share/doc", True),
        ("mount:/usr/share/doc", "mount:/usr/share/doc/x", False),
        ("mount:/usr/share/doc/*", "mount:/usr/share/doc", True),
        ("mount:/usr/share/doc/*", "mount:/usr/share/doc/x/y", True),
        ("mount:/usr/share/doc/*", "mount:/usr/share/docs", False),
        ("mount:/usr/share/doc/*", "mount:/usr/share", False),
        ("mount:/*", "mount:/etc", True),
        ("mount:/*", "source:/etc/x.py", False),
        ("source:/etc/x.py", "source:/etc/x.py", True),
        ("https://a.com", "https://a.com", True),
        ("https://a.com", "http://a.com", False),
        ("https://a.com", "https://a.com:8443", False),
        ("https://a.com:8443", "https://a.com", False),
        ("address:10.0.0.0/8", "address:10.1.0.0/16", True),
        ("address:10.1.0.0/16", "address:10.0.0.0/8", False),
        ("address:10.0.0.0/8", "address:11.0.0.0/8", False),
        ("address:0.0.0.0/0", "address:::1/128", False),
        ("address:::/0", "address:fd00::/8", True),
        ("address:127.0.0.1/32", "http://127.0.0.1", False),
        ("http://127.0.0.1", "address:127.0.0.1/32", False),
        ("https://*.a.com", "https://x.a.com", True),
        ("https://*.a.com", "https://y.x.a.com", True),
        ("https://*.a.com", "https://a.com", False),
        ("https://*.a.com", "https://b-a.com", False),
        ("https://*.a.com", "http://x.a.com", False),
        ("https://*.a.com", "https://x.a.com:8443", False),
        ("https://*.a.com:8443", "https://x.a.com:8443", True),
        ("https://*.a.com", "https://*.a.com", True),
        ("https://*.a.com", "https://*.x.a.com", True),
        ("https://*.x.a.com", "https://*.a.com", False),
        ("https://x.a.com", "https://*.a.com", False),
    ],
)
def test_what_the_operator_allows(allow, needed, given):
    need = Grant.parse(needed)
    assert missing([need], [Grant.parse(allow)]) == ([] if given else [need])


def test_a_folder_with_the_name_of_a_pattern_is_never_allowed():
    """Who is told that `mount:/home/*` is missing would otherwise allow far more by saying so."""
    needs = [Grant("mount", "/home/*"), Grant("mount", "/home/*/x"), Grant("mount", "/home/\x1b")]
    allow = [Grant("mount", "/home/*"), Grant("mount", "/*"), *needs]
    assert missing(needs, allow) == needs


def test_all_that_is_missing_is_told():
    needs = [Grant.parse(text) for text in ("mount:/a", "mount:/b", "source:/c.py")]
    assert missing(needs, [Grant.parse("mount:/b")]) == [needs[0], needs[2]]
    assert missing(needs, []) == needs
