"""A picture as DOT, Mermaid, SVG, PNG, PDF and as a page that plays the backward pass."""
