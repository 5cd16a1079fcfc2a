"""Drawing for every picture and page: SVG, axes, colours, and how numbers are written."""
