"""Customers: whom we do business with, who follows them, and whom we speak to there."""
