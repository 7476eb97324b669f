"""The engine: record what is computed, sweep gradients back, transform functions. It knows no application."""
