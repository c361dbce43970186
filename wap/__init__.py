"""The `wap` command: it only dispatches, and imports what a command needs when that command is called."""
