"""Telling others what happened: MLflow, and OpenLineage."""
