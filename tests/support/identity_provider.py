"""An OpenID Connect provider that keeps to the rules, or breaks the one that a test names; over real HTTP."""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "postal-desk", "a secret of the board: 100% & more"


@cache
def signing_key(name: str) -> RSAKey:
    """Return a key of the provider, made once for all tests."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """One realm. ``faults`` changes claims of the next ID tokens; a None takes the claim out.

    Attributes:
        person: the claims about who logs in.
        token_key: the name of the key that signs; only ``published`` is shown to the world.
        algorithm: by which the token is signed; ``HS256`` takes the client's secret for a key, ``none`` signs nothing.
        issuer_said: what the provider calls itself.
        broken: paths that answer with an error, and the status.
    """

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    token_key: str = "first"
    published: str = "first"
    algorithm: str = "RS256"
    issuer_said: str = ""
    broken: dict[str, int] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"{self.url}/realms/province"

    def app(self) -> Starlette:
        """Return the provider as an application."""
        base = "/realms/province"
        return Starlette(
            routes=[
                Route(f"{base}/.well-known/openid-configuration", self._discovery),
                Route(f"{base}/auth", self._authorize),
                Route(f"{base}/token", self._token, methods=["POST"]),
                Route(f"{base}/certs", self._certs),
            ]
        )

    async def _discovery(self, _request: Request) -> Response:
        if status := self.broken.get("discovery"):
            return Response("no", status)
        return JSONResponse(
            {
                "issuer": self.issuer_said or self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/certs",
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def _token(self, request: Request) -> Response:
        if status := self.broken.get("token"):
            return Response("no", status)
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        name, _, secret = b64decode(request.headers["authorization"].partition(" ")[2]).decode().partition(":")
        asked = self.codes.pop(sent["code"], None)
        if asked is None or (unquote_plus(name), unquote_plus(secret)) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_grant"}, 400)
        digest = urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        if digest != asked["code_challenge"] or sent["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = self._id_token(asked["nonce"])
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async def _certs(self, _request: Request) -> Response:
        if status := self.broken.get("certs"):
            return Response("no", status)
        return JSONResponse({"keys": [signing_key(self.published).as_dict(private=False)]})

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "f3a1", "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce,
            **self.person, **self.faults,
        }  # fmt: skip
        said = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm == "none":
            parts = (b'{"alg":"none"}', JSONResponse(said).body)
            return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
        header = {"alg": self.algorithm, "kid": self.published}
        key = OctKey.import_key(CLIENT_SECRET) if self.algorithm == "HS256" else signing_key(self.token_key)
        return jwt.encode(header, said, key, algorithms=[self.algorithm])
