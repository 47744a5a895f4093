"""The processes of a command: started, watched, restarted in turn, stopped. It knows nothing of what they are."""
