"""The whole simulated Zoom: its state and its parts, put together."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from zoomsim import hosts
from zoomsim.clock import Clock
from zoomsim.grants import Grants
from zoomsim.options import Options
from zoomsim.protocol.paging import Pager
from zoomsim.state.account import AccountSettings
from zoomsim.state.changes import Changes
from zoomsim.state.journal import Journal
from zoomsim.state.models import User
from zoomsim.state.store import Store
from zoomsim.tokens import Tokens
from zoomsim.traffic.counters import Counters
from zoomsim.traffic.faults import Faults
from zoomsim.traffic.limits import Limits
from zoomsim.webhooks.sender import Webhooks

CLOCK_NOTE = "clock_offset_s"


class Simulation:
    """One Zoom account with everything that belongs to it. Not thread-safe: it lives on one event loop."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.base_url = options.base_url
        self.clock = Clock()
        self.changes = Changes()
        self.journal = Journal(options.state)
        self.store = Store(self.journal, self.changes)
        self.account = AccountSettings(self.journal)
        self.tokens = Tokens(options.client_secret, options.account_id, self.clock)
        self.pager = Pager(self.tokens.page_key, self.clock)
        self.limits = Limits(options.plan, self.clock)
        self.faults = Faults()
        self.counters = Counters(self.clock)
        self.webhooks = Webhooks(options, self.clock, self.changes, self.journal)
        self.grants = Grants(options, self.clock, self.store, self.tokens, self.webhooks)
        self._acting: User | None = None
        self.store.load()
        self.account.load()
        self.webhooks.load()
        if isinstance(offset_s := self.journal.note(CLOCK_NOTE), int | float):
            self.clock.move(offset_s)
        self._add_hosts()

    @property
    def owner(self) -> User:
        """The owner of the account and of its app: the first host."""
        return next(iter(self.store.users.values()))

    @property
    def me(self) -> User:
        """In whose name the call in hand is made: who consented to its token, or the owner of the account's app."""
        return self._acting or self.owner

    @contextmanager
    def acting_as(self, user: User | None) -> Iterator[None]:
        """Let a call, which nothing interrupts, be made in somebody's name."""
        self._acting = user
        try:
            yield
        finally:
            self._acting = None

    def now(self) -> datetime:
        """Return the simulated time."""
        return self.clock.now()

    def set_clock(self, offset_s: float) -> None:
        """Move the day; what falls due by it happens. Raises ValueError when that is too far."""
        self.clock.move(offset_s)
        self.journal.write_note(CLOCK_NOTE, offset_s)
        self.webhooks.clock_moved()
        self.changes.announce("clock", offset_s=offset_s)

    def reset(self) -> None:
        """Forget everything but the hosts: meetings, settings, deliveries, counts, faults, the moved clock, the endpoint."""
        self.store.forget()
        self.account.forget()
        self.grants.forget()
        self.webhooks.forget()
        self.limits.forget()
        self.counters.forget()
        self.faults.clear()
        self.set_clock(0)
        self._add_hosts()
        self.changes.announce("reset")

    def _add_hosts(self) -> None:
        for user in hosts.initial_hosts(self.options, self.now()):
            # Who was deleted stays so over a restart.
            if user.id not in self.store.users:
                self.store.save_user(user)
