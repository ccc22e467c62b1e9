"""How long mockstatus takes beside a stub that does nothing, and beside the other mocks: ``python -m benchmarks``."""
