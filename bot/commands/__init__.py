"""The commands, one module each; ``bot.cli`` names them and imports the one that is run."""
