"""Copies of the registry's decisions in MLflow; the registry is the truth."""
