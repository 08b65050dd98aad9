"""The clinic as a Django application; it refuses to start with a page for which no policy says who may see it."""

from __future__ import annotations

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """Checked once, when all models and addresses are there."""

    name = "countwell.clinic"
    label = "clinic"
    verbose_name = "Countwell clinic"

    def ready(self) -> None:
        """Registers the check of the addresses; the guard runs it again before the first request."""
        from django.core.checks import register

        from countwell.clinic.policy import check_addresses

        register(check_addresses)
