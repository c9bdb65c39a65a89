"""Numbers and letters of the RFC by name. A number that a list does not have stays a number."""

from __future__ import annotations

from enum import IntEnum, IntFlag, StrEnum

__all__ = [
    "Capability",
    "Level",
    "Origin",
    "RecordFormat",
    "Role",
    "Rule",
    "Security",
]


class Level(IntEnum):
    """Release levels, by the digit of SSIDLEV (RFC 5024 5.3.2)."""

    V1_2 = 1
    V1_3 = 2
    V1_4 = 4
    V2_0 = 5

    def __str__(self) -> str:
        return self.name[1:].replace("_", ".")


class Role(IntEnum):
    """Which side a session may take (C.Cap-init, RFC 5024 9.7)."""

    BOTH = 0
    INITIATOR = 1
    RESPONDER = 2


class Capability(StrEnum):
    """Directions of a session (SSIDSR)."""

    SEND = "S"
    RECEIVE = "R"
    BOTH = "B"


class RecordFormat(StrEnum):
    """Record formats (SFIDFMT): fixed, variable, unstructured, text."""

    F = "F"
    V = "V"
    U = "U"
    T = "T"


class Security(IntFlag):
    """Security of a file (SFIDSEC)."""

    NONE = 0
    ENCRYPTED = 1
    SIGNED = 2


class Rule(IntEnum):
    """What a partner may do with a security service."""

    ALLOWED = 0
    REQUIRED = 1
    FORBIDDEN = 2


class Origin(StrEnum):
    """Who ended a session (F_ABORT_IND): this side, or the partner and the network."""

    LOCAL = "L"
    DISTANT = "D"

