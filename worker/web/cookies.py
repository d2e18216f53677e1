"""The session's cookie, and whether a form comes from a page of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request, Response

from config.settings import Settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def token_of(request: Request, settings: Settings) -> str:
    """Return the session's token that the browser sent; empty when it sent none."""
    return request.cookies.get(_name(request, settings), "")


def give(response: Response, request: Request, settings: Settings, token: str) -> None:
    """Let the browser keep a token until it is closed; no script can read it, no other site has it sent."""
    secure = is_secure(request, settings)
    response.set_cookie(_name(request, settings), token, path="/", secure=secure, httponly=True, samesite="lax")


def take(response: Response, request: Request, settings: Settings) -> None:
    """Let the browser forget the token."""
    secure = is_secure(request, settings)
    response.delete_cookie(_name(request, settings), path="/", secure=secure, httponly=True, samesite="lax")


def is_secure(request: Request, settings: Settings) -> bool:
    """Whether the browser speaks https, to us or to the proxy before us."""
    public = urlsplit(settings.public_url)
    return request.url.scheme == "https" or (public.scheme == "https" and public.netloc == _host(request))


def is_ours(request: Request, settings: Settings, *, when_silent: bool) -> bool:
    """Whether a request that changes something was made by a page of ours, as far as the browser tells.

    Browsers say it by ``Sec-Fetch-Site`` (over https and on the loopback) or by ``Origin``. ``when_silent`` is the
    answer where one says neither, which is right only beside another proof.
    """
    if request.method in _SAFE:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return when_silent
    scheme = "https" if is_secure(request, settings) else request.url.scheme
    return origin == f"{scheme}://{_host(request)}" or origin == settings.public_url


def _name(request: Request, settings: Settings) -> str:
    # With this prefix a browser takes the cookie only over https, and from no neighbour's subdomain.
    return "__Host-postal" if is_secure(request, settings) else "postal_session"


def _host(request: Request) -> str:
    return request.headers.get("host", "")
