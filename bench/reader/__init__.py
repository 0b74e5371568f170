"""Training, export and measurement of the reader; see README.md in this folder."""
