"""HTTP in: the Flask application of a service, its routes and what they refuse."""

from flask import Response

from chassis.web.app import create_app
from chassis.web.blueprint import ANONYMOUS, SIGNED_IN, Blueprint

__all__ = ["ANONYMOUS", "SIGNED_IN", "Blueprint", "Response", "create_app"]
