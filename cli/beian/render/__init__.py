"""Rendering: templates compiled once, facts printed through a surface, bytes sealed."""
