"""The environment of the customers service: what every service is told, and no more yet."""

from chassis.settings import Settings

__all__ = ["Settings"]
