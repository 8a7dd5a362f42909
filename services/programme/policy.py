"""What programme does on hearing the other houses: nothing; its views read their contracts."""

from shared.bus.reactions import Policy

POLICY = Policy("programme")
