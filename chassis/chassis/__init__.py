"""The machinery that every Xiaoke service stands on; it knows no sales noun."""
