"""The only door from outside, as a template for nginx."""
