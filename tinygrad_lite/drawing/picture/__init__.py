"""What is in a picture of a graph: boxes, edges, names, frames, what is folded."""
