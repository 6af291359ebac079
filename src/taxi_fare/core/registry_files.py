"""What the files of a model registry are called, wherever it is kept."""

MANIFEST = "manifest.json"
STATE_FILE = "model_registry.json"
VERSIONS = "versions"
# Keys of the state everywhere; in a folder links to a version as well.
CURRENT = "current"
SLOTS = (CURRENT, "candidate")
