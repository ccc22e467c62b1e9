"""The virtual hosts: mock.local and two public services' examples. One module each; they must not know routers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mockstatus.hosts.memory import Memory
from mockstatus.hosts.mock_local import answer_mock_local
from mockstatus.hosts.services import answer_httpbin, answer_mocker_api

if TYPE_CHECKING:
    from mockstatus.hosts.documented import Answered
    from mockstatus.messages import Request

__all__ = ["HOSTS", "Memory", "VirtualHost"]

VirtualHost = Callable[["Request", Memory, float], "Answered | None"]
HOSTS: Final[dict[str, VirtualHost]] = {
    "mock.local": answer_mock_local,
    "free.mockerapi.com": answer_mocker_api,
    "httpbin.org": answer_httpbin,
}
