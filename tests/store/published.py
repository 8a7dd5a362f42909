"""The test cases that the eventsourcing library publishes.

Their module also imports the library's cipher, for tests of ciphers alone; it needs a package that nothing here has a use for.
"""

import sys
from types import ModuleType

CIPHER = "eventsourcing.cipher"

stand_in = ModuleType(CIPHER)
stand_in.AESCipher = type("AESCipher", (), {})
sys.modules[CIPHER] = stand_in
try:
    from eventsourcing.tests import persistence
finally:
    del sys.modules[CIPHER]

__all__ = ["persistence"]
