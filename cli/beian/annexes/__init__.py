"""The client's own lists: read with the places of their rows, and counted."""
