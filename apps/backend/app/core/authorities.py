"""Certificate authorities: the system's, and a company's own beside them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

SYSTEM: Final = Path("/etc/ssl/certs/ca-certificates.crt")


def trusted_authorities() -> Path:
    """The file of the authorities that count: what SSL_CERT_FILE names, as for OpenSSL, else the system's."""
    return Path(os.environ.get("SSL_CERT_FILE") or SYSTEM)


def trust_extra_authorities() -> None:
    """Trust what EXTRA_CA_CERTS names beside the usual authorities, as NODE_EXTRA_CA_CERTS does for Node.js.

    OpenSSL, libpq and the model's client know one file of authorities each: from now on SSL_CERT_FILE names one
    with both. Without the variable, or without the file, nothing changes.
    """
    extra = Path(os.environ.get("EXTRA_CA_CERTS") or "/nonexistent")
    if not extra.is_file():
        return
    usual = trusted_authorities()
    both = [file.read_text() for file in (usual, extra) if file.is_file()]
    with tempfile.NamedTemporaryFile("w", prefix="authorities-", suffix=".crt", delete=False) as file:
        file.write("\n".join(both))
    os.environ["SSL_CERT_FILE"] = file.name
