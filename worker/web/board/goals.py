"""To whom and where a result shall go: filled in with what counted until now, and changed by whoever knows better."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import Depends, Form

from dispatch.citizens import Citizen

Written = Annotated[str, Form(max_length=400)]


@dataclass(frozen=True, slots=True)
class Goal:
    """What stands in the fields of a form; ``era`` is the address system, where that is known."""

    address: str
    era: str
    name: str
    phone: str

    @classmethod
    def of(cls, citizen: Citizen) -> Goal:
        """Return what is in the fields before anybody has changed them."""
        return cls(citizen.address, citizen.era, citizen.name, citizen.phone)

    def asked(self) -> dict[str, Any]:
        """Return it as forms of changes want it."""
        address = {"text": self.address, "era": self.era or None}
        return {"address": address, "contact": {"name": self.name, "phone": self.phone}}

    def typed(self) -> dict[str, str]:
        """Return the fields, to be shown again."""
        return asdict(self)


def _filled_in(
    address: Written = "", era: Annotated[str, Form(max_length=10)] = "", name: Written = "", phone: Written = ""
) -> Goal:
    return Goal(" ".join(address.split()), era, name.strip(), phone.strip())


GoalDep = Annotated[Goal, Depends(_filled_in)]
