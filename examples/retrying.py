"""A session that tries again what is worth trying again."""

from __future__ import annotations

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry


def make_session() -> requests.Session:
    """A session that tries GET and PUT up to three times again, and waits as it is told."""
    retry = Retry(total=3, backoff_factor=0.5, status_forcelist=(429, 502, 503, 504), allowed_methods={"GET", "PUT"})
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=retry))
    return session
