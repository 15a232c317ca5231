"""What the services say to each other and to programs over HTTP: one struct per answer.

Times are aware instants; codes stand beside their French labels; `next` cursors are opaque.
"""

from __future__ import annotations

import msgspec


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A body that a service answers with."""
