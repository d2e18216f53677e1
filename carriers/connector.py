"""What the connectors of all operators have in common: an account, its connection, and the status tables in force."""

from __future__ import annotations

from typing import ClassVar

from carriers.contract import ConnectionStatus
from carriers.status_table import StatusTables, StatusVersion
from carriers.transport import Transport
from config.accounts import CarrierAccount


class Connector:
    """Base of a connector. One account; thread-safe; open it once per process.

    Args:
        transport: the account's connection.
        tables: the operator's status tables.
        confirmed: its own table, once it has signed one off with this account; becomes the current one.
    """

    carrier: ClassVar[str]

    def __init__(
        self,
        account: CarrierAccount,
        transport: Transport,
        tables: StatusTables,
        confirmed: StatusVersion | None = None,
    ) -> None:
        self._account = account
        self._transport = transport
        self._tables = tables.confirmed_by(confirmed) if confirmed else tables

    @property
    def name(self) -> str:
        return self.carrier

    @property
    def renews_token(self) -> bool:
        """Whether a refused credential can be replaced without a person; a connector whose cannot, says False."""
        return True

    @property
    def account(self) -> CarrierAccount:
        return self._account

    @property
    def tables(self) -> StatusTables:
        """The status tables in force for this account, with its confirmed one last."""
        return self._tables

    def status(self) -> ConnectionStatus:
        return self._transport.status()

    def close(self) -> None:
        self._transport.close()
