"""What can be asked of the programme house: nothing yet; it only reads."""

from shared.eventstore.commands import Commands

COMMANDS = Commands("programme")
