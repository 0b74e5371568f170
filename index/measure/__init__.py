"""How good is it: labelled questions -> figures."""
