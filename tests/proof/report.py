"""What a run comes to: a table for people, JSON for programs."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.proof.footprint import Footprint
from tests.proof.ledger import Command
from tests.proof.storm import Injected
from tests.proof.truth import Evidence, Finding, repeated

_SHOWN = 20


@dataclass(frozen=True)
class Report:
    """All that is known of a run; `command` runs it again."""

    command: str
    ledger: Sequence[Command]
    faults: Sequence[Injected]
    impossible: Mapping[str, str]
    evidence: Evidence
    findings: Sequence[Finding]
    before: Footprint
    after: Footprint

    @property
    def acknowledged(self) -> int:
        """How many commands were."""
        return sum(command.answer is not None for command in self.ledger)

    @property
    def injected(self) -> list[Injected]:
        """The faults that really happened."""
        return [fault for fault in self.faults if not fault.missed]

    def lines(self) -> Iterator[str]:
        """The table."""
        yield from self._faults()
        yield ""
        yield f"commands    {len(self.ledger)} sent, {self.acknowledged} acknowledged, {self._tries()} tries"
        yield f"journal     {len(self.evidence.facts)} events"
        yield f"mails       {len(self.evidence.deliveries)}, {repeated(self.evidence.deliveries)} of them came again"
        yield f"documents   {self._documents()} read back"
        yield f"faults      {len(self.injected)} injected, {len(self.faults) - len(self.injected)} met nothing to break"
        yield f"memory      {_both(self.before.megabytes, self.after.megabytes)} MB"
        yield f"files       {_both(self.before.files, self.after.files)}"
        yield f"connections {_both(self.before.connections, self.after.connections)}"
        yield from (f"NOT INJECTED {kind}: {why}" for kind, why in self._not_injected().items())
        yield ""
        yield from self._findings()
        yield f"to be run again with: {self.command}"

    def _faults(self) -> Iterator[str]:
        by_kind: dict[str, list[Injected]] = defaultdict(list)
        for fault in self.injected:
            by_kind[fault.kind].append(fault)
        yield f"{'fault':<32}{'times':>6}   acknowledged again     confirmed by mail"
        yield f"{'':<32}{'':>6}   median     max         median     max   (s)"
        for kind, faults in sorted(by_kind.items()):
            acknowledged = _spread(fault.acknowledged for fault in faults)
            confirmed = _spread(fault.confirmed for fault in faults)
            yield f"{kind:<32}{len(faults):>6}  {acknowledged}       {confirmed}"

    def _findings(self) -> Iterator[str]:
        counts = Counter(finding.what for finding in self.findings)
        yield f"lost {counts['lost']}, doubled {counts['doubled']}, others {counts.total() - counts['lost'] - counts['doubled']}"
        yield from (f"  {finding.what}: {finding.where}" for finding in self.findings[:_SHOWN])
        if len(self.findings) > _SHOWN:
            yield f"  … and {len(self.findings) - _SHOWN} more, in the JSON file"

    def _tries(self) -> int:
        return sum(command.tries for command in self.ledger)

    def _not_injected(self) -> dict[str, str]:
        """Kinds of fault that did not happen at all, and why."""
        happened = {fault.kind for fault in self.injected}
        missed = {fault.kind: fault.missed for fault in self.faults if fault.kind not in happened}
        return {**self.impossible, **missed}

    def _documents(self) -> int:
        return sum(sha256 != "" for sha256 in self.evidence.bytes_read.values())

    def plain(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "command": self.command,
            "sent": len(self.ledger),
            "acknowledged": self.acknowledged,
            "tries": self._tries(),
            "events": len(self.evidence.facts),
            "mails": len(self.evidence.deliveries),
            "mails_again": repeated(self.evidence.deliveries),
            "documents": self._documents(),
            "faults": [asdict(fault) for fault in self.faults],
            "not_injected": self._not_injected(),
            "findings": [finding._asdict() for finding in self.findings],
            "before": self.before._asdict(),
            "after": self.after._asdict(),
        }


def _both(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {before.get(name, 0)}→{count}" for name, count in sorted(after.items()))


def _spread(seconds: Iterable[float | None]) -> str:
    known = [value for value in seconds if value is not None]
    return f"{statistics.median(known):>7.1f} {max(known):>7.1f}" if known else f"{'never':>15}"
