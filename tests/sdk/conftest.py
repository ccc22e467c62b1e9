"""Leaves the SDKs' tests out of the normal run, where no SDK is installed; in their own environment all have to be."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("MOCKSTATUS_SDK") else ["*.py"]
