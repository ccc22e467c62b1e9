"""Has the tests find the programs beside them, however pytest is called."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
