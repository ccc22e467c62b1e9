"""Small programs with their tests, to be copied."""
