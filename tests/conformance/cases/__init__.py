"""The cases, by subject."""

from __future__ import annotations

from . import bodies, codes, cookies, faults, host, lenient, messages, redirects, retries, uploads, waits

CASES = [
    *codes.CASES,
    *redirects.CASES,
    *cookies.CASES,
    *bodies.CASES,
    *messages.CASES,
    *uploads.CASES,
    *retries.CASES,
    *faults.CASES,
    *waits.CASES,
    *lenient.CASES,
    *host.CASES,
]
