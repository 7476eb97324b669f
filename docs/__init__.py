"""The manual: its guides, and the programs that write the rest of it from the package."""
