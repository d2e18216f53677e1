"""The key pair by which the simulator's webhooks are proven: made up for it, and good for nothing else."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from carriers.myvnpost.keys import read_private_key

PRIVATE_KEY = """\
-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDgtP0evS+d91Af
kqkT7ohysXq0i6PYV3SvKUTs67MrwAdR5tdfXZyWQauHhre/+tAZjYkrjNhfOZez
Lo51rlYzzJcNl4Gx9oIthJ3x1cKxFBYrB6xRnFggKvK1fRHOrSxI5HVwJLeJBqPe
zdWhocY0GyK5nusn+PNQC58WsWF9wjQVVCxcByPLTuVURx16vs9gw5+rVXHAYM6F
lIBDofuLXKroAzvtCsZDPPnjwvAYLHh9v/uhSW1KrXfXrX42ql02WBMeqCNBXFlh
6JhxUub7gRuY02Y1iLIzPw0IR5S1+tAjSKn7zRSFVYDGyYerYhEQbTS8TzxCTuun
ZpCN2VPVAgMBAAECggEAFSUS2Iym6W93S7FKVcTRdDF9QXYOcfIw2bbBdKXtU0Wb
qrpVM/UkIgOF95fWvKsGYBEwgjebuMI7ozHTWAGSvQcYg7/pBW0T7OKY1kPuMSmZ
uGzda0SSClzgP/HH9jHXg/hzkJzz5GIKk5G885u8gfS3vM3WhQlpI/QkAUepy+KI
SgVrbqBwn2ph48U8XZgzZUmgzMM3mmOUlDnYaKBTTosnCBwNx0NGISHjEd1oMG6e
ARdZmo2VfwJ/6uy2rHR7eDrodbRP6C4cRytBw3c9/u1A3gX2h9EwudjxTO82BJeu
gPHsij6YmZP4wsAe9xoY2ufVJPj6WMeh4jFXS3UCFQKBgQD2p9tgEMaqqYQ2NR/t
FlOGx/nK+PMjMepCgpTBfiTJmWEYmMiv0lG2nDQ4ec47kRQmIH6q4xmobgj6BgKO
m4RoDzXmSqw+uBVJdqRaO4fOi7velgJ7e0v3064VshBw8WRtoginK/yFuJTEe+gi
ggfQoNbte2kt7AF+i75BOG8KZwKBgQDpOEQ51xvO8RlLMp3dNfHHzwBKPZISNyhC
C/KkjumqtPvL9S/s0AActi9k5UQdLy6i/cO3B9x+zscoCgOJpbon7t67b3QAPs4+
0K1aM0LLd7rzu2x6aDj4LpjDnmx70kxzABc6Dmh0ObI76OCTpRhVZiKq2N3IMXD5
TIHEZ2CCYwKBgQCqBlt6hRXtXpz8oPI5BELfjcnq2GEByc6puknAd6v0K/56bhco
29nn/xUgORaoiQFSpuOp+JIfQHp/ntT0aM+Ey7dj3+WL9mj2EwqICLE896WxccaU
SBG96/T8j5o1wLBxwlgkpHWV1/700lTaNLgeYEDHw2JlfWIqUTn8y2H/0QKBgEfF
+jE2wycfyeH7lNvEQ0Fzsiom4rJaaThSRv1fwge4JRmyvmoJ5U7wvos1h43XvGmK
4VWNxMz9xArNciNFbpHlkIRsm22L5pssS31L80187nsd/hd5xbaTWI4zTj2ZDdAC
giNq1biXHQQU+jBWCbQWd6rOjQqUNKl0YydXjTrzAoGAAPPmHhYM5jUMD7d7aupd
oyIuYwgAJbAYcReOlMZghTEG2IHBcLIQAEhWANnD/3r4Tx2rSJBkB92z4zv/7WV6
pBu1hCvzLpw4jfrGmgnqPhH6ZSvxVRSrXWa+9MjetIEjT+/AMsnDrbTjSDOdst2j
/+SXd4VFICS6ylBXeR7ppJU=
-----END PRIVATE KEY-----
"""


@cache
def key_pair() -> RSAPrivateKey:
    """Return the pair."""
    return read_private_key(PRIVATE_KEY)


@cache
def public_key() -> str:
    """Return its public half as PEM."""
    return key_pair().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
