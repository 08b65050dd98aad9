"""The door for a web server. Importing it checks that every address has a policy."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "countwell.clinic.settings")
application = get_wsgi_application()
