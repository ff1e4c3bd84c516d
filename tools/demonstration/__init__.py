"""The demonstration publication: two quarterly releases of Fernmark, a country that does not exist.

Run `python -m tools.demonstration` to write it anew; the same code always writes the same bytes. Names,
places, figures and comments are invented. Coordinates lie in the middle of the North Atlantic, postcodes
begin with ZN, which nobody uses, and telephone numbers come from the range reserved for drama.
"""

from tools.demonstration.packages import write_publication

__all__ = ["write_publication"]
