"""The identity provider at which staff log in: the table ``[oidc]`` of the configuration file."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from config.citizen_channels import secure_url

StaffRole = Literal["clerk", "officer", "supervisor", "auditor", "operator-partner"]


class Oidc(BaseModel):
    """An OpenID Connect provider, such as Keycloak.

    Attributes:
        issuer: as the provider writes it itself, for Keycloak ``https://HOST/realms/REALM``; its configuration is read
            from ``ISSUER/.well-known/openid-configuration``.
        roles_claim: where in the ID token the roles are; dots lead into it.
        agencies_claim: where the codes of the agencies are, ``*`` for all; a person without any may do nothing.
        username_claim: by which name the audit trail knows a person.
        names: the provider's name of a role, and ours; other roles of the provider say nothing to us.
        label: what stands on the button.
        timeout: longest wait for the provider, in seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Annotated[str, AfterValidator(secure_url)]
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    roles_claim: str = "realm_access.roles"
    agencies_claim: str = "agencies"
    username_claim: str = "preferred_username"
    names: dict[str, StaffRole] = Field(default_factory=lambda: {role: role for role in get_args(StaffRole)})
    label: str = Field(default="", max_length=60)
    timeout: float = Field(default=10.0, gt=0, le=30)
