"""People -> Library -> people: the terminal, JSON and Discord."""
