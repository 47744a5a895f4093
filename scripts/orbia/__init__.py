"""Runs, tests and measures Orbia Conversation: what the commands in scripts/ are made of."""
