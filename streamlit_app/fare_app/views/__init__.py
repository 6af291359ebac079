"""One module a page; each shows itself on an ``App``."""
