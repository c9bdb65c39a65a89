"""Reasons by name (RFC 5024 5.3.5, 5.3.10, 5.3.11, 5.3.14). A partner may send any two digits: a
number that a list does not have stays a number, and counts as 99."""

from __future__ import annotations

from enum import IntEnum

from ._oftp import reason_meaning

__all__ = ["EfnaReason", "EsidReason", "NerpReason", "SfnaReason"]


class EsidReason(IntEnum):
    """Why a session ends (ESIDREAS, RFC 5024 5.3.11)."""

    NORMAL = 0
    COMMAND_NOT_RECOGNISED = 1
    PROTOCOL_VIOLATION = 2
    USER_CODE_NOT_KNOWN = 3
    INVALID_PASSWORD = 4
    EMERGENCY_CLOSE_DOWN = 5
    INVALID_DATA = 6
    SIZE_ERROR = 7
    RESOURCES_NOT_AVAILABLE = 8
    TIME_OUT = 9
    MODE_INCOMPATIBLE = 10
    INVALID_CHALLENGE_RESPONSE = 11
    AUTHENTICATION_INCOMPATIBLE = 12
    UNSPECIFIED = 99

    @property
    def meaning(self) -> str:
        """What the RFC says it means."""
        return reason_meaning("ESID", self)


class SfnaReason(IntEnum):
    """Why a file is not taken (SFNAREAS, RFC 5024 5.3.5)."""

    INVALID_FILENAME = 1
    INVALID_DESTINATION = 2
    INVALID_ORIGIN = 3
    RECORD_FORMAT_NOT_SUPPORTED = 4
    RECORD_LENGTH_NOT_SUPPORTED = 5
    FILE_SIZE_TOO_BIG = 6
    INVALID_RECORD_COUNT = 10
    INVALID_BYTE_COUNT = 11
    ACCESS_METHOD_FAILURE = 12
    DUPLICATE_FILE = 13
    FILE_DIRECTION_REFUSED = 14
    CIPHER_SUITE_NOT_SUPPORTED = 15
    ENCRYPTED_FILE_NOT_ALLOWED = 16
    UNENCRYPTED_FILE_NOT_ALLOWED = 17
    COMPRESSION_NOT_ALLOWED = 18
    SIGNED_FILE_NOT_ALLOWED = 19
    UNSIGNED_FILE_NOT_ALLOWED = 20
    UNSPECIFIED = 99

    @property
    def meaning(self) -> str:
        """What the RFC says it means."""
        return reason_meaning("SFNA", self)


class EfnaReason(IntEnum):
    """Why a file that was sent is not accepted (EFNAREAS, RFC 5024 5.3.10)."""

    INVALID_FILENAME = 1
    INVALID_DESTINATION = 2
    INVALID_ORIGIN = 3
    RECORD_FORMAT_NOT_SUPPORTED = 4
    RECORD_LENGTH_NOT_SUPPORTED = 5
    FILE_SIZE_TOO_BIG = 6
    INVALID_RECORD_COUNT = 10
    INVALID_BYTE_COUNT = 11
    ACCESS_METHOD_FAILURE = 12
    DUPLICATE_FILE = 13
    FILE_DIRECTION_REFUSED = 14
    CIPHER_SUITE_NOT_SUPPORTED = 15
    ENCRYPTED_FILE_NOT_ALLOWED = 16
    UNENCRYPTED_FILE_NOT_ALLOWED = 17
    COMPRESSION_NOT_ALLOWED = 18
    SIGNED_FILE_NOT_ALLOWED = 19
    UNSIGNED_FILE_NOT_ALLOWED = 20
    INVALID_FILE_SIGNATURE = 21
    FILE_DECRYPTION_FAILURE = 22
    FILE_DECOMPRESSION_FAILURE = 23
    UNSPECIFIED = 99

    @property
    def meaning(self) -> str:
        """What the RFC says it means."""
        return reason_meaning("EFNA", self)


class NerpReason(IntEnum):
    """Why a file was not delivered (NERPREAS, RFC 5024 5.3.14)."""

    USER_CODE_NOT_KNOWN = 3
    INVALID_PASSWORD = 4
    SESSION_ENDED_UNSPECIFIED = 9
    INVALID_FILENAME = 11
    INVALID_DESTINATION = 12
    INVALID_ORIGIN = 13
    INVALID_RECORD_FORMAT = 14
    RECORD_LENGTH_NOT_SUPPORTED = 15
    FILE_SIZE_TOO_BIG = 16
    INVALID_RECORD_COUNT = 20
    INVALID_BYTE_COUNT = 21
    ACCESS_METHOD_FAILURE = 22
    DUPLICATE_FILE = 23
    FILE_DIRECTION_REFUSED = 24
    CIPHER_SUITE_NOT_SUPPORTED = 25
    ENCRYPTED_FILE_NOT_ALLOWED = 26
    UNENCRYPTED_FILE_NOT_ALLOWED = 27
    COMPRESSION_NOT_ALLOWED = 28
    SIGNED_FILE_NOT_ALLOWED = 29
    UNSIGNED_FILE_NOT_ALLOWED = 30
    INVALID_FILE_SIGNATURE = 31
    FILE_DECOMPRESSION_FAILURE = 32
    FILE_DECRYPTION_FAILURE = 33
    FILE_PROCESSING_FAILURE = 34
    NOT_DELIVERED = 35
    NOT_ACKNOWLEDGED = 36
    STOPPED_BY_OPERATOR = 50
    FILE_SIZE_INCOMPATIBLE = 90
    UNSPECIFIED = 99

    @property
    def meaning(self) -> str:
        """What the RFC says it means."""
        return reason_meaning("NERP", self)


_LISTS: dict[str, type[IntEnum]] = {
    kind.__name__: kind for kind in (EfnaReason, EsidReason, NerpReason, SfnaReason)
}


def numbered(name: str, code: int) -> int:
    """The member of a list of reasons with this code, or the code itself."""
    kind = _LISTS[name]
    return kind(code) if code in kind._value2member_map_ else code
