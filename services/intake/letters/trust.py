"""Whether a mail comes from where it says, as the one server found that is believed (RFC 8601)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from authres import AuthenticationResultsHeader
from authres.core import AuthResError

#: Properties that name the domain a result is about.
_DOMAINS: Final = {"dkim": ("d", "i"), "spf": ("mailfrom",)}


class Proof(StrEnum):
    """What is known of a mail's origin."""

    GOOD = "good"
    BAD = "bad"
    NONE = "none"


def proof(verdicts: Sequence[str], authserv: str, domain: str) -> Proof:
    """What the server that is believed found out.

    DMARC has the last word, because it compares with what the reader sees. Without it, a signature or an envelope of
    the very domain is good.

    Args:
        verdicts: `Authentication-Results` of the mail, the last one first.
        authserv: name of the server that is believed; it removes whatever bears its name and came from outside.
        domain: of the address in From.
    """
    results = _results(verdicts, authserv)
    dmarc = {result.result.lower() for result in results if result.method.lower() == "dmarc"}
    if "pass" in dmarc:
        return Proof.GOOD
    if "fail" in dmarc:
        return Proof.BAD
    if any(result.result.lower() == "pass" and _speaks_of(result, domain) for result in results):
        return Proof.GOOD
    return Proof.BAD if any(result.result.lower() == "fail" for result in results) else Proof.NONE


def _results(verdicts: Sequence[str], authserv: str) -> list[Any]:
    """The results of the uppermost header of this server: those below may be somebody else's."""
    for verdict in verdicts:
        try:
            read = AuthenticationResultsHeader.parse_value(" ".join(verdict.split()))
        except (AuthResError, ValueError):
            continue
        if str(read.authserv_id).lower() == authserv.lower():
            return list(read.results)
    return []


def _speaks_of(result: Any, domain: str) -> bool:
    names = _DOMAINS.get(result.method.lower(), ())
    spoken = {str(one.value).lower().rpartition("@")[2] for one in result.properties if one.name.lower() in names}
    return domain in spoken
