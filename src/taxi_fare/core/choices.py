"""What an option and a setting can both be, in types that import nothing."""

from typing import Literal

Algorithm = Literal["gbt", "xgboost"]
Encoding = Literal["onehot", "index"]
