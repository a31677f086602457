"""Still more of what is sold, to train with: by kind of shop, and by group of its goods.

As with `more.py`, the evaluation set was drawn before these words came, and does not have them.
None is what a fixture sells.
"""

from .food import FOOD
from .services import SERVICES
from .wares import WARES

WIDER = FOOD | WARES | SERVICES
