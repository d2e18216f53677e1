"""Operators and one-stops are believed by the certificates of this machine, and by none but them."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from carriers.transport_settings import TransportSettings
from config.tls import system_trust
from tests.support.certificates import CertificateAuthority


def test_every_account_without_certificates_of_its_own_shares_one_context() -> None:
    assert TransportSettings().tls() is TransportSettings(concurrency=3).tls() is system_trust()
    assert (system_trust().verify_mode, system_trust().check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("shown", [False, True])
def test_a_private_authority_is_believed_by_its_own_account_alone(tmp_path: Path, shown: bool) -> None:
    authority = CertificateAuthority(tmp_path)
    certificate = authority.issue("desk") if shown else None

    own = TransportSettings(ca_file=authority.file, client_certificate=certificate).tls()

    assert own is not system_trust()
    assert len(own.get_ca_certs()) == 1
    assert not any("test authority" in str(one) for one in system_trust().get_ca_certs())
