"""Real SDKs against mockstatus, in an environment of their own: ``python tests/sdk/run.py``."""
