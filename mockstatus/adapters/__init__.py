"""The doors: one module for each client, which needs that client. Imported when it is first named."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from mockstatus.adapters import aiohttp as aiohttp
    from mockstatus.adapters import httpx as httpx
    from mockstatus.adapters import httpx2 as httpx2
    from mockstatus.adapters import requests as requests
    from mockstatus.adapters import urllib3 as urllib3

_DOORS = ("aiohttp", "httpx", "httpx2", "requests", "urllib3")


def __getattr__(name: str) -> ModuleType:
    if name in _DOORS:
        return import_module(f"mockstatus.adapters.{name}")
    raise AttributeError(f"module 'mockstatus.adapters' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_DOORS])
