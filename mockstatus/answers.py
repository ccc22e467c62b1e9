"""How a route comes to its outcome: a reply, a fault, a function of the user's, or the real network. Knows no clients."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mockstatus.documents import REPRESENTATION
from mockstatus.errors import InvalidReply, InvalidRoute
from mockstatus.faults import FAULTS, check_fault, make_exception
from mockstatus.matchers import UNSET
from mockstatus.messages import PASS_THROUGH, Deferred, Failure, HTTPVersion, Noted, Outcome, Request, Response
from mockstatus.replies import Reply, reply
from mockstatus.reply_rules import HeadersLike, InterimLike, ReplyFraming, check_seconds
from mockstatus.streams import StreamLike

if TYPE_CHECKING:
    from mockstatus.documents import Style
    from mockstatus.faults import FaultName

FaultLike = str | BaseException | type[BaseException]
Answered = int | Reply | str


class Answer(Protocol):
    """One step of a route's answer."""

    def give(self, request: Request, timestamp: float) -> Outcome | Noted:
        """What this request gets, ``timestamp`` being the time on the router's clock."""
        ...


class Step(NamedTuple):
    """An answer, and how many calls it is for before the next."""

    answer: Answer
    times: int


class ReplyAnswer:
    """Always the same reply."""

    __slots__ = ("give", "reply")

    def __init__(self, reply_: Reply) -> None:
        self.reply = reply_
        self.give = reply_.render

    def __repr__(self) -> str:
        return str(self.reply.status)


class FaultAnswer:
    """The call breaks."""

    __slots__ = ("after", "delay", "fault", "reply")

    def __init__(self, fault: FaultLike, *, after: int = 0, reply_: Reply | None = None, delay: float = 0) -> None:
        if isinstance(after, bool) or not isinstance(after, int) or after < 0:
            raise InvalidRoute(f"after={after!r}: give the number of bytes that arrive first")
        self.fault = fault if isinstance(fault, (BaseException, type)) else check_fault(fault)
        if isinstance(self.fault, type):
            make_exception(self.fault)
        breaks_reply = isinstance(self.fault, str) and FAULTS[self.fault].breaks_reply
        if (after or reply_ is not None) and not breaks_reply:
            given = "after=" if after else "reply="
            able = ", ".join(name for name, one in FAULTS.items() if one.breaks_reply)
            raise InvalidRoute(f"{given} with {fault!r}, which breaks off no reply: those that do are {able}")
        self.after = after
        self.reply = reply_ or (_OK if breaks_reply and (after or self.fault != "connection_reset") else None)
        if self.fault == "malformed_chunk" and self.reply is not None:
            self.reply = self.reply.in_chunks()
        self.delay = check_seconds("delay", delay)
        self._check_something_is_missing()

    def _check_something_is_missing(self) -> None:
        """A body that is cut where it ends is whole."""
        size = None if self.reply is None else self.reply.size
        if size is not None and self.fault != "malformed_chunk" and self.after >= size:
            raise InvalidRoute(f"{self.fault} after={self.after} of a body of {size} bytes: nothing would be missing")

    def give(self, request: Request, timestamp: float) -> Outcome | Noted:
        fault = make_exception(self.fault) if isinstance(self.fault, type) else self.fault
        if fault == "bad_encoding":
            return Failure("bad_encoding", 0.0, 0, _not_gzip(self.delay).render_anew(request, timestamp))
        rendered = None if self.reply is None else self.reply.render_anew(request, timestamp)
        return Failure(fault, self.delay, self.after, rendered)

    def __repr__(self) -> str:
        return self.fault if isinstance(self.fault, str) else repr(self.fault)


_OK = reply(200)


def _not_gzip(delay: float) -> Reply:
    return reply(200, content=REPRESENTATION, headers={"Content-Encoding": "gzip"}, delay=delay, lenient=True)


class FunctionAnswer:
    """Whatever the user's own function says."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[Request], Answered | Coroutine[Any, Any, Answered]]) -> None:
        if not callable(function):
            raise InvalidRoute(
                f"respond_with({function!r}) takes a function of the request: respond_with(lambda request: 202)"
            )
        self.function = function

    def give(self, request: Request, timestamp: float) -> Outcome:
        result = self.function(request)
        if inspect.isawaitable(result):
            if not request.awaits:
                if inspect.iscoroutine(result):
                    result.close()
                raise InvalidReply(
                    f"{_name_of(self.function)} is a coroutine function, and {request.client} was called synchronously: "
                    "give respond_with a plain function"
                )
            return Deferred(self._settle_later(result, request, timestamp))
        return self._settle(result, request, timestamp)

    async def _settle_later(self, result: Awaitable[object], request: Request, timestamp: float) -> Response | Failure:
        return self._settle(await result, request, timestamp)

    def _settle(self, result: object, request: Request, timestamp: float) -> Response | Failure:
        if isinstance(result, Reply):
            return result.render(request, timestamp)
        if isinstance(result, int) and not isinstance(result, bool):
            return reply(result).render(request, timestamp)
        if isinstance(result, str) and result in FAULTS:
            outcome = FaultAnswer(result).give(request, timestamp)
            assert isinstance(outcome, (Response, Failure))
            return outcome
        raise InvalidReply(
            f"{_name_of(self.function)} returned {result!r}: return a status, mockstatus.reply(…) or the name of a fault"
        )

    def __repr__(self) -> str:
        return f"{_name_of(self.function)}(request)"


def _name_of(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", None) or repr(function)


class PassAnswer:
    """The request is really sent."""

    __slots__ = ()

    def give(self, request: Request, timestamp: float) -> Outcome:
        return PASS_THROUGH

    def __repr__(self) -> str:
        return "the network"


def answer_of(choice: object) -> Answer:
    """The answer that a status, a reply, the name of a fault or an exception stands for."""
    if isinstance(choice, Reply):
        return ReplyAnswer(choice)
    if isinstance(choice, int) and not isinstance(choice, bool):
        return ReplyAnswer(reply(choice))
    if isinstance(choice, (str, BaseException, type)):
        return FaultAnswer(choice)
    raise InvalidRoute(f"{choice!r}: give a status, mockstatus.reply(…), the name of a fault or an exception")


# --- steps: an answer with the number of calls it is for --------------------------------------------------------------


def reply_step(
    status: int | Reply = 200,
    *,
    json: object = UNSET,
    text: str | None = None,
    html: str | None = None,
    content: bytes | str | None = None,
    stream: StreamLike | None = None,
    headers: HeadersLike | None = None,
    cookies: Mapping[str, str] | None = None,
    reason: str | None = None,
    http_version: HTTPVersion = "HTTP/1.1",
    framing: ReplyFraming | None = None,
    interim: Sequence[InterimLike] = (),
    delay: float = 0,
    style: Style | None = None,
    times: int = 1,
) -> Step:
    """A status with what is not given from its documented response, or a reply as it stands."""
    count = check_times(times)
    if not isinstance(status, Reply):
        made = reply(
            status,
            json=json,
            text=text,
            html=html,
            content=content,
            stream=stream,
            headers=headers,
            cookies=cookies,
            reason=reason,
            http_version=http_version,
            framing=framing,
            interim=interim,
            delay=delay,
            style=style,
        )
        return Step(ReplyAnswer(made), count)
    if json is not UNSET or http_version != "HTTP/1.1" or interim or delay:
        raise InvalidReply(f"{status!r} with other arguments: give them to mockstatus.reply(…)")
    if (text, html, content, stream, headers, cookies, reason, framing, style) != (None,) * 9:
        raise InvalidReply(f"{status!r} with other arguments: give them to mockstatus.reply(…)")
    return Step(ReplyAnswer(status), count)


def fault_step(
    fault: FaultName | BaseException | type[BaseException],
    *,
    after: int = 0,
    reply: Reply | None = None,
    delay: float = 0,
    times: int = 1,
) -> Step:
    """A fault by its name, or an exception that is raised as it is."""
    return Step(FaultAnswer(fault, after=after, reply_=reply, delay=delay), check_times(times))


def function_step(function: Callable[[Request], Answered | Coroutine[Any, Any, Answered]], *, times: int = 1) -> Step:
    """Whatever a function of the request returns: a status, a reply or the name of a fault."""
    return Step(FunctionAnswer(function), check_times(times))


def pass_step() -> Step:
    """The real network."""
    return Step(PassAnswer(), 1)


def check_times(times: object) -> int:
    """A number of calls. Raises InvalidRoute."""
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        raise InvalidRoute(f"times={times!r}: give the number of calls that this answer is for, 1 or more")
    return times


class Flaky:
    """A share of the calls gets something else, by a seeded choice that is the same in every run."""

    __slots__ = ("_choices", "_random", "rate", "seed")

    def __init__(self, rate: float, choices: tuple[object, ...], seed: int) -> None:
        import random

        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
            raise InvalidRoute(f"flaky({rate!r}, …): the rate is a share of the calls, from 0 to 1")
        if not choices:
            raise InvalidRoute(
                f'flaky({rate!r}): say what happens in that share, as flaky({rate!r}, "read_timeout", 503)'
            )
        self.rate = rate
        self.seed = seed
        self._choices = tuple(answer_of(choice) for choice in choices)
        self._random = random.Random(seed)  # noqa: S311 - chance, not secrecy

    def draw(self) -> Answer | None:
        """What this call gets instead; None for the route's own answer. The caller holds the route's lock."""
        if self._random.random() >= self.rate:
            return None
        return self._choices[0] if len(self._choices) == 1 else self._random.choice(self._choices)

    def note(self, drawn: Answer | None) -> str:
        """Which way it fell, for the journal."""
        return f"flaky({self.rate}, seed={self.seed}): {'own answer' if drawn is None else drawn}"

    def state(self) -> object:
        """Where the sequence of choices stands."""
        return self._random.getstate()

    def restore(self, state: object) -> None:
        """Go back to where the sequence of choices stood, or with None to its start."""
        if state is None:
            self._random.seed(self.seed)
        else:
            self._random.setstate(state)  # type: ignore[arg-type] # what getstate gave
