"""Text as a console can show it: in its width, and in letters that it has."""

from .characters import console_width as console_width
from .characters import legible as legible
