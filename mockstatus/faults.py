"""The ways a call can break, by name: when each happens and what it leaves on the wire. Must not know clients."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

from mockstatus.errors import InvalidRoute

FaultName = Literal[
    "connect_timeout",
    "connection_refused",
    "dns_failure",
    "tls_failure",
    "pool_timeout",
    "write_timeout",
    "read_timeout",
    "connection_reset",
    "empty_response",
    "malformed_response",
    "truncated_body",
    "malformed_chunk",
    "stalled_body",
    "bad_encoding",
]
Phase = Literal["pool", "connect", "send", "wait", "body"]


class Fault(NamedTuple):
    """One fault: the moment it happens, whether it breaks off a reply, and what happens."""

    phase: Phase
    breaks_reply: bool
    what: str


FAULTS: Final[dict[str, Fault]] = {
    "connect_timeout": Fault("connect", False, "nobody answers the connection attempt, and the connect timeout passes"),
    "connection_refused": Fault("connect", False, "nothing listens on the port"),
    "dns_failure": Fault("connect", False, "the host name cannot be resolved"),
    "tls_failure": Fault("connect", False, "the server's certificate is not to be trusted"),
    "pool_timeout": Fault("pool", False, "every connection of the pool is in use, and the pool timeout passes"),
    "write_timeout": Fault("send", False, "the server takes no more of the request, and the write timeout passes"),
    "read_timeout": Fault("wait", False, "the server takes the request and says nothing, and the read timeout passes"),
    "connection_reset": Fault("wait", True, "the server resets the connection"),
    "empty_response": Fault("wait", False, "the server closes the connection before a byte of an answer"),
    "malformed_response": Fault("wait", False, "what comes back does not begin with a status line"),
    "truncated_body": Fault("body", True, "the connection is closed before the whole body has come"),
    "malformed_chunk": Fault("body", True, "a chunk begins with something that is not its size"),
    "stalled_body": Fault("body", True, "the body stops coming, and the read timeout passes"),
    "bad_encoding": Fault("body", False, "the body says that it is gzip and is not"),
}
assert tuple(FAULTS) == get_args(FaultName)


def check_fault(name: object) -> str:
    """The fault's name. Raises InvalidRoute, naming the nearest, for an unknown one."""
    if isinstance(name, str) and name in FAULTS:
        return name
    import difflib

    nearest = difflib.get_close_matches(str(name), FAULTS, n=1, cutoff=0.4)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    raise InvalidRoute(f"{name!r} is no fault: {hint}The faults are {', '.join(FAULTS)}, or give an exception")


def make_exception(kind: type[BaseException]) -> BaseException:
    """An instance of an exception class, with a message where its class demands one. Raises InvalidRoute."""
    if not issubclass(kind, BaseException):
        raise InvalidRoute(f"{kind!r} is no exception: give the name of a fault, an exception or its class")
    for arguments in ((), (f"{kind.__name__}, raised by mockstatus",)):
        try:
            return kind(*arguments)
        except TypeError:
            continue
    raise InvalidRoute(f"{kind!r} cannot be made without arguments: give an instance")
