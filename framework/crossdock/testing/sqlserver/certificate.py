"""A certificate of nobody's, made at start, so that a client can be shown one that it must not trust."""

import datetime as dt
import ssl
from ipaddress import IPv4Address
from pathlib import Path

HOST = "127.0.0.1"
_VALID_DAYS = 2


class CertificateUnavailable(Exception):  # noqa: N818  # a state of the machine, not a fault
    """No certificate can be made here; the message says what is missing."""


def self_signed(folder: Path) -> ssl.SSLContext:
    """Makes a key and a certificate for the loopback address, signed by itself.

    Args:
        folder: where both are kept; the key is as good as public.

    Returns:
        A server's context, for `start(..., tls=...)`. It stays at TLS 1.2, as servers of that age do.

    Raises:
        CertificateUnavailable: the package `cryptography` is not installed.
    """
    try:
        key, certificate = _made()
    except ImportError as native:
        reason = "the package `cryptography` is needed to make a certificate"
        raise CertificateUnavailable(reason) from native
    paths = folder / "key.pem", folder / "certificate.pem"
    for path, data in zip(paths, (key, certificate), strict=True):
        path.write_bytes(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(paths[1], paths[0])
    return context


def _made() -> tuple[bytes, bytes]:
    """Gives key and certificate as PEM."""
    from cryptography import x509  # noqa: PLC0415  # not every machine has it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SQL Server stand-in")])
    now, length = dt.datetime.now(dt.UTC), dt.timedelta(days=_VALID_DAYS)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - length, now + length
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret, certificate.public_bytes(pem)
