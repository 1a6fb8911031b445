"""From where a request came, for limits on how often one connection may try. It is kept nowhere."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest

NEIGHBOURS = 64
"""Bits of an address that one household or office has to itself (IPv6): the rest is theirs to change at will."""


def of(request: HttpRequest) -> str:
    """The address of whoever asks. The site answers its own machine alone, where the web server that speaks TLS stands:
    that one's word counts, and only the last, which it wrote itself. What came before, anybody may have written."""
    near = str(request.META.get("REMOTE_ADDR", ""))
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    if told and _is_this_machine(near):
        return _household(told) or near
    return _household(near) or near


def _is_this_machine(text: str) -> bool:
    try:
        return not text or ip_address(text).is_loopback
    except ValueError:
        return False


def _household(text: str) -> str:
    """An address as one household has it; empty for what is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, NEIGHBOURS), strict=False).network_address)
    return str(found)
