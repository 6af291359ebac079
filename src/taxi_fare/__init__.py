"""Predict what a New York yellow-taxi rider pays in total, month by month."""

__version__ = "0.1.0"
