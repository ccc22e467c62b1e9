"""For tests that use other mocking libraries: one module for each, which needs that library. Imported when named."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from mockstatus.interop import pytest_httpx as pytest_httpx
    from mockstatus.interop import requests_mock as requests_mock
    from mockstatus.interop import responses as responses
    from mockstatus.interop import respx as respx

_LIBRARIES = ("pytest_httpx", "requests_mock", "responses", "respx")


def __getattr__(name: str) -> ModuleType:
    if name in _LIBRARIES:
        return import_module(f"mockstatus.interop.{name}")
    raise AttributeError(f"module 'mockstatus.interop' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LIBRARIES])
