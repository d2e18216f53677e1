"""Logging in at an OpenID Connect provider: authorization code with PKCE, state and nonce (OpenID Connect Core 3.1).

What has to be remembered between leaving for the provider and coming back is sealed and kept by the browser itself:
no other browser has it, and nobody reads or changes it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from cryptography.exceptions import InvalidTag
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from config.citizen_channels import secure_url
from config.clock import wall_now
from config.database import keyring
from config.identity import Oidc
from config.tls import system_trust
from dispatch.problems import Problem
from worker.access.actor import Actor, ActorKind
from worker.access.roles import Grant, Grants, Role, Scope
from worker.access.secrets import new_token, same
from worker.access.sessions import Person

GOOD_FOR = timedelta(minutes=10)
"""So long somebody may take at the provider."""

_PURPOSE = b"log-in at the identity provider"
_ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures by the provider's own key; never one that our secret could make, and never none."""

_SKEW = 60
"""Seconds by which the provider's clock may differ from ours."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What is remembered while somebody is at the provider; ``next`` is the page to which he wanted."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: int

    @classmethod
    def begin(cls, next_page: str) -> Journey:
        until = int((wall_now() + GOOD_FOR).timestamp())
        return cls(new_token(), new_token(), new_token() + new_token()[:20], next_page, until)

    def sealed(self) -> str:
        """Return it as the browser keeps it."""
        return urlsafe_b64encode(keyring.seal(json.dumps(asdict(self)).encode(), _PURPOSE)).decode()

    @classmethod
    def opened(cls, sealed: str) -> Journey | None:
        """Read what the browser kept; None where it is not ours or too old."""
        try:
            journey = cls(**json.loads(keyring.unseal(urlsafe_b64decode(sealed.encode()), _PURPOSE)))
        except (InvalidTag, ValueError, TypeError):
            return None
        return journey if wall_now().timestamp() < journey.until else None


class Provider:
    """The provider of the configuration. What it says of itself is read each time: a withdrawn key counts no more."""

    def __init__(self, configured: Oidc, redirect_uri: str) -> None:
        self._configured = configured
        self._redirect_uri = redirect_uri

    def address(self, journey: Journey) -> str:
        """Return where the browser goes to log in.

        Raises:
            Problem: the provider does not answer, or is another than the configured one.
        """
        with self._client() as client:
            found = self._discovered(client)
        asked = {
            "response_type": "code",
            "client_id": self._configured.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid profile",
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": create_s256_code_challenge(journey.verifier),
            "code_challenge_method": "S256",
        }
        glue = "&" if "?" in found["authorization_endpoint"] else "?"
        return f"{found['authorization_endpoint']}{glue}{urlencode(asked)}"

    def person(self, journey: Journey, answer: Mapping[str, str]) -> Person:
        """Return who came back from the provider with ``answer``, the query of the page to which it sent him.

        Raises:
            Problem: it is no answer to ``journey``, the provider refused, its token cannot be trusted, or it names
                no role of ours.
        """
        if not same(answer.get("state", ""), journey.state):
            raise _not_trusted("the answer belongs to another log-in (state)")
        if answer.get("iss", self._configured.issuer) != self._configured.issuer:
            raise _not_trusted("the answer is another provider's (iss)")  # RFC 9207
        if "code" not in answer:
            raise _refused(answer.get("error", "no code"))
        with self._client() as client:
            found = self._discovered(client)
            tokens = self._tokens(client, found["token_endpoint"], answer["code"], journey.verifier)
            keys = cast(KeySetSerialization, _json(client.get(found["jwks_uri"])))
        return self._known(self._claims(tokens, keys, journey.nonce))

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        try:
            with httpx.Client(timeout=self._configured.timeout, verify=system_trust()) as client:
                yield client
        except httpx.HTTPError as error:
            raise _unreachable(type(error).__name__) from error

    def _discovered(self, client: httpx.Client) -> dict[str, str]:
        found = _json(client.get(f"{self._configured.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if found.get("issuer") != self._configured.issuer:
            raise _not_trusted("the provider calls itself otherwise than the configuration does (issuer)")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            try:
                secure_url(str(found.get(name, "")))
            except ValueError as error:
                raise _not_trusted(f"the provider's {name} is missing or not https") from error
        return found

    def _tokens(self, client: httpx.Client, url: str, code: str, verifier: str) -> dict[str, Any]:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        # Both are written as in a form before they are put together (RFC 6749 section 2.3.1).
        named, secret = self._configured.client_id, self._configured.client_secret.get_secret_value()
        response = client.post(url, data=sent, auth=(quote_plus(named), quote_plus(secret)))
        if response.status_code in (400, 401):
            raise _refused(str(_json(response, checked=False).get("error", response.status_code)))
        return _json(response)

    def _claims(self, tokens: dict[str, Any], keys: KeySetSerialization, nonce: str) -> CodeIDToken:
        client_id = self._configured.client_id
        options = {
            "iss": {"essential": True, "value": self._configured.issuer},
            "aud": {"essential": True, "value": client_id},
            "sub": {"essential": True},
        }
        params = {"nonce": nonce, "client_id": client_id, "access_token": tokens.get("access_token")}
        try:
            read = jwt.decode(str(tokens.get("id_token", "")), KeySet.import_key_set(keys), list(_ALGORITHMS))
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(now=int(wall_now().timestamp()), leeway=_SKEW)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _not_trusted(f"its ID token: {error}") from error
        return claims

    def _known(self, claims: CodeIDToken) -> Person:
        username = claims.get(self._configured.username_claim) or claims["sub"]
        grants = self._grants(claims)
        if not grants:
            raise Problem(
                "no-role",
                "You have no role here",
                f"The account '{username}' has no role of this system, or no agency, at the identity provider.",
                "Ask whoever looks after accounts for a role and an agency, then log in again.",
                next_step_vi="Tài khoản chưa được gán vai trò hoặc cơ quan; đề nghị quản trị tài khoản phân quyền.",
                status=403,
            )
        return Person(Actor(ActorKind.OIDC, str(username)[:200]), str(claims.get("name") or username)[:100], grants)

    def _grants(self, claims: Mapping[str, Any]) -> Grants:
        names = self._configured.names
        roles = {Role(names[name]) for name in _texts(claims, self._configured.roles_claim) if name in names}
        try:
            scope = Scope.of(_texts(claims, self._configured.agencies_claim))
        except ValueError as error:
            raise _not_trusted(f"its claim '{self._configured.agencies_claim}': {error}") from error
        return tuple(Grant(role, scope) for role in sorted(roles)) if scope else ()


def _texts(claims: Mapping[str, Any], path: str) -> list[str]:
    value: Any = claims.get(path)
    if value is None:
        value = claims
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _json(response: httpx.Response, *, checked: bool = True) -> dict[str, Any]:
    try:
        if checked:
            response.raise_for_status()
        found = response.json()
    except (httpx.HTTPError, ValueError) as error:
        if not checked:
            return {}
        raise _unreachable(f"{response.request.url.path} answered {response.status_code}") from error
    return found if isinstance(found, dict) else {}


def _unreachable(why: str) -> Problem:
    return Problem(
        "provider-unreachable",
        "The identity provider does not answer",
        f"It could not be asked: {why}.",
        "Try again in a minute; if it goes on, tell operations. A local account still works.",
        next_step_vi="Hệ thống xác thực chưa phản hồi. Thử lại sau ít phút hoặc báo bộ phận vận hành.",
        status=503,
    )


def _refused(why: str) -> Problem:
    return Problem(
        "provider-refused",
        "The identity provider did not let you in",
        f"It said: {why[:80]}.",
        "Log in again from the start.",
        next_step_vi="Đăng nhập lại từ đầu.",
        status=403,
    )


def _not_trusted(why: str) -> Problem:
    return Problem(
        "provider-not-trusted",
        "The answer of the identity provider cannot be trusted",
        f"Nobody was logged in: {why[:200]}.",
        "Log in again from the start; if it goes on, tell operations.",
        next_step_vi="Chưa đăng nhập được. Đăng nhập lại từ đầu; nếu vẫn lỗi, báo bộ phận vận hành.",
        status=403,
    )
