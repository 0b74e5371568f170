"""What comes from outside is worked on in processes of its own, with limits."""
