"""How fast the chat page is, and what it costs: scripts/measure-page."""
