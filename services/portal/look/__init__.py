"""What all pages look like and tell the browser: assets, typography, appearance, headers."""
