"""What an option and a setting can both be, in types that import nothing."""

from typing import Literal

Encoding = Literal["onehot", "index"]
