"""Question -> answer: search, spelling, judge, reader, answer, and the check of a quotation."""
