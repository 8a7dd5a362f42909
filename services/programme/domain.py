"""Nothing yet: programme counts what the other houses say, and has no facts of its own."""
