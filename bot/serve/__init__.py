"""A process that stays, and answers for other shells."""
