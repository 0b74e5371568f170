"""What knows the language: sentences, copies, dates, follow-ups."""
