"""Discord's names -> a certificate for this machine, and the file that makes a bot trust it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

API_HOST = "discord.com"
CDN_HOST = "cdn.discordapp.com"
GATEWAY_HOST = "gateway.discord.gg"
RESUME_HOST = "gateway-us-east1-b.discord.gg"


@dataclass(frozen=True)
class Certificates:
    """What the server shows, and the authority (a PEM file) for ``SSL_CERT_FILE``."""

    server: ssl.SSLContext
    authority: Path


def issue(folder: Path, hosts: tuple[str, ...]) -> Certificates:
    """Make an authority of this test alone, and a certificate for Discord's hosts and ``hosts``."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    names = (API_HOST, CDN_HOST, "*.discord.gg", *hosts)
    authority.issue_cert(*names).configure_cert(context)
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return Certificates(context, file)
