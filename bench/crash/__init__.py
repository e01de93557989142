"""Crashes of the real process, and damage to what it left."""
