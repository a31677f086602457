"""What is sold, by kind of shop.

A shop's goods are groups of (category, names by language, kind of modifier); the first is what it
sells most.
"""

from . import food, services, wares
from .more import MORE as FIRST_MORE
from .qualities import DETAILS, MODIFIERS
from .wider import WIDER

__all__ = ["DETAILS", "GOODS", "MODIFIERS", "MORE"]

GOODS = {
    "market": food.MARKET,
    "restaurant": food.RESTAURANT,
    "cafe": food.CAFE,
    "pharmacy": wares.PHARMACY,
    "fuel": wares.FUEL,
    "transport": services.TRANSPORT,
    "hardware": wares.HARDWARE,
    "stationery": wares.STATIONERY,
    "fashion": wares.FASHION,
    "electronics": wares.ELECTRONICS,
    "cinema": services.CINEMA,
    "utility": services.UTILITY,
    "subscription": services.SUBSCRIPTION,
    "service": services.SERVICE,
}

# What is drawn for training alone: by kind of shop, for each group of its goods, names by language.
MORE = {
    shop: tuple(
        {name: group.get(name, ()) + wider.get(name, ()) for name in group | wider}
        for group, wider in zip(groups, WIDER[shop], strict=True)
    )
    for shop, groups in FIRST_MORE.items()
}
