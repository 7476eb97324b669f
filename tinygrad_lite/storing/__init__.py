"""Files that are whole, whatever happens while they are written."""

from .whole_files import write_whole as write_whole
