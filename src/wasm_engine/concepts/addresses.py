"""Addresses of machines: which are anybody's on the internet, and which lead somewhere inside.

Tables of our own, after IANA's registries of special addresses: those of the standard library
change with its version, and one and the same world must be kept in wherever it runs.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeAlias

from wasm_engine.concepts.mistakes import Wrong, shown

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

NETWORK_PATTERN = r"[0-9a-f.:]+/[0-9]{1,3}"

_INSIDE_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for the machine itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's own services for its machines, at a public address
        "169.254.0.0/16",  # link-local, and there the metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""What is not in it is loopback, unspecified, IPv4-compatible, unique local, link-local, multicast,
reserved."""
_INSIDE_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo (an IPv4 address inside), benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3ffe::/16",  # the 6bone's, given back
        "3fff::/20",  # documentation
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
"""What the name `localhost` may lead to."""


def read_address(text: str) -> Address:
    """An address as a resolver or a URL spells it; IPv4 mapped into IPv6 is what it maps.

    Raises:
        ValueError: It is none.
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Whether it is a machine's on the internet, and leads to none by an address inside it."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _INSIDE_4)
    if address in _NAT64:  # what DNS64 answers for a server that has IPv4 only
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return False
    return address in _PUBLIC_6 and not any(address in network for network in _INSIDE_6)


def may_reach(address: Address, named: Iterable[Network]) -> bool:
    """Whether a name may lead to an address: it is public, or in a network that was named.

    Never to one with a zone (`fe80::1%eth0`): which machine that is depends on the interface.
    """
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    return is_public(address) or any(
        address.version == network.version and address in network for network in named
    )


def read_network(text: str) -> Network:
    """A network in the one spelling that there is: `10.0.0.0/8`, `fd00::/8`, `127.0.0.1/32`.

    Raises:
        Wrong: It is none, or spelled otherwise; the text says how.
    """
    try:
        network = ipaddress.ip_network("zone" if "%" in text else text, strict=False)
    except ValueError:
        raise Wrong(f"{shown(text)} is no network such as 10.0.0.0/8 or ::1/128") from None
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        raise Wrong(f"{shown(text)} maps IPv4 into IPv6; write the IPv4 network")
    if str(network) != text:
        raise Wrong(f"{shown(text)} is no network; write {shown(str(network))}")
    return network


def is_within(inner: Network, outer: Network) -> bool:
    """Whether all of a network lies in another."""
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)
