"""What an option and a setting can both be, in types that import nothing."""

from typing import Literal

Encoding = Literal["onehot", "index"]
# A recipe is named by its algorithm and this, where a tariff comes first.
TARIFF = "tariff"
# The recipe that is the most accurate, whichever it is.
BEST = "best"
# The archive of Spark's classes: used, and made when it is missing; only used;
# neither.
ArchivePolicy = Literal["auto", "use", "off"]
# The specification's, or one that asks for evidence as well.
PromotionRule = Literal["two_of_three", "guarded"]
# Percent of the prices that an interval is made to hold.
COVERAGES = (80, 90, 95)
# The one that people are told where they ask for none.
USUAL_COVERAGE = 90
# What pages for people are written in.
Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
