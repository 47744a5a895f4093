"""The commands in scripts/ that hold more than a screenful: their options, and what they do in which order."""
