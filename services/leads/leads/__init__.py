"""Leads: who might buy, until they become a customer."""
