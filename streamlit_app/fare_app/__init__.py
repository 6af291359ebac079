"""The app: reads reports, registry and scoring, and never starts Spark."""
