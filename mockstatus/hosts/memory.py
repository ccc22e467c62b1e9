"""What the virtual hosts of one router remember between requests. Knows sequences and jobs; not what asks for them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockstatus.clock import Clock
    from mockstatus.scenarios.jobs import JobBook


class Memory:
    """What the virtual hosts of one router remember from one request to the next."""

    __slots__ = ("_lock", "_sequences", "clock", "jobs")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.jobs: dict[str, JobBook] = {}
        self._lock = threading.Lock()
        self._sequences: dict[tuple[str, str], random.Random] = {}

    def add_job(self, make: Callable[[str], JobBook]) -> JobBook:
        """One more job, with an id of its own."""
        with self._lock:
            identity = f"job-{len(self.jobs) + 1}"
            book = self.jobs[identity] = make(identity)
        return book

    def draw(self, name: str, seed: str, weights: dict[int, float]) -> int:
        """The next code of the sequence that belongs to a name and a seed."""
        with self._lock:
            sequence = self._sequences.get((name, seed))
            if sequence is None:
                sequence = self._sequences[name, seed] = random.Random(seed)  # noqa: S311 - chance, not secrecy
            return sequence.choices(list(weights), list(weights.values()))[0]

    def snapshot(self) -> Any:
        """How everything stands, to be given to ``restore``."""
        elapsed = self.clock.elapsed
        with self._lock:
            sequences = {key: sequence.getstate() for key, sequence in self._sequences.items()}
            return sequences, {identity: (book, book.snapshot(elapsed)) for identity, book in self.jobs.items()}

    def restore(self, snapshot: Any) -> None:
        """Stand as at the snapshot."""
        sequences, jobs = snapshot
        with self._lock:
            self._sequences = {}
            for key, state in sequences.items():
                self._sequences[key] = random.Random()  # noqa: S311 - chance, not secrecy
                self._sequences[key].setstate(state)
            self.jobs = {identity: book for identity, (book, _) in jobs.items()}
        elapsed = self.clock.elapsed
        for book, state in jobs.values():
            book.restore(state, elapsed)
