"""What the assistance publishes: pages to read it, forms to write it, suggestions while somebody types."""
