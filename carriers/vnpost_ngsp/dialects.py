"""The seven adapters seen between one-stop systems and VNPost NGSP, as data.

They carry the same orders and differ in how a call is named, how it is authenticated and what counts as success.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Variant(StrEnum):
    """Which adapter an account talks to."""

    NGSP_DIRECT = "ngsp_direct"
    SERVICE_CODE_HEADER = "service_code_header"
    QUERY_NAMED = "query_named"
    LGSP_SERVICE = "lgsp_service"
    KEY_TOKEN = "key_token"
    STATIC_TOKEN = "static_token"
    MTLS = "mtls"


class Operation(StrEnum):
    """The calls of the interface; the values are the names of their addresses in the options."""

    ORDER = "order"
    CANCEL = "cancel"
    TRACKING = "tracking"
    PRICE = "price"


class Naming(StrEnum):
    """How the adapter is told which call is meant."""

    ADDRESS = "address"
    HEADER = "service-code"
    QUERY = "serviceName"
    SERVICE = "service"


class Credential(StrEnum):
    """What proves who we are: a key pair or a single key exchanged for a token, or a token that never changes."""

    CONSUMER = "consumer"
    KEY = "key"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One adapter.

    Attributes:
        auth_header: the header that carries the token, ``Authorization`` with a scheme in front.
        judged_by_status: ``Status`` in the body decides; else any HTTP success does.
        cancel_names: body names of customer code and order number; None sends them in the query of a GET.
        services: names of the calls, for adapters with one address.
    """

    naming: Naming = Naming.ADDRESS
    credential: Credential = Credential.CONSUMER
    auth_header: str = "Authorization"
    judged_by_status: bool = True
    cancel_names: tuple[str, str] | None = None
    services: Mapping[Operation, str] = field(default_factory=dict)

    @property
    def one_address(self) -> bool:
        """Whether all calls go to one address."""
        return self.naming is not Naming.ADDRESS


# Names of order and cancel were seen; those of tracking and price at the first two adapters are our assumption, and
# every name can be set per account.
DIALECTS: Mapping[Variant, Dialect] = {
    Variant.NGSP_DIRECT: Dialect(),
    Variant.SERVICE_CODE_HEADER: Dialect(
        naming=Naming.HEADER,
        judged_by_status=False,
        cancel_names=("maKhachHang", "soDonHang"),
        services={
            Operation.ORDER: "vnpost_post_order",
            Operation.CANCEL: "vnpost_cancel_order",
            Operation.TRACKING: "vnpost_get_order_tracking",
            Operation.PRICE: "vnpost_get_price",
        },
    ),
    Variant.QUERY_NAMED: Dialect(
        naming=Naming.QUERY,
        judged_by_status=False,
        cancel_names=("customerCode", "orderNumber"),
        services={
            Operation.ORDER: "OrderPost",
            Operation.CANCEL: "OrderCancel",
            Operation.TRACKING: "OrderTracking",
            Operation.PRICE: "GetPrice",
        },
    ),
    Variant.LGSP_SERVICE: Dialect(
        naming=Naming.SERVICE,
        services={
            Operation.ORDER: "lgsp_vnpost_orderpost",
            Operation.CANCEL: "lgsp_vnpost_ordercancel",
            Operation.TRACKING: "lgsp_vnpost_ordertracking",
            Operation.PRICE: "lgsp_vnpost_getprice",
        },
    ),
    Variant.KEY_TOKEN: Dialect(credential=Credential.KEY),
    Variant.STATIC_TOKEN: Dialect(credential=Credential.STATIC, auth_header="access_token"),
    Variant.MTLS: Dialect(credential=Credential.STATIC),
}
