"""What any chat service needs; none is known here."""
