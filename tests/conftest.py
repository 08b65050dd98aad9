"""What all tests share: the hypothesis profile. Seeds stay random; a failure prints how to see it again."""

import gc
import os
import tempfile

import django
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# The clinic's settings are read when pytest starts: every test process has a data folder of its own.
os.environ["DJANGO_SETTINGS_MODULE"] = "countwell.clinic.settings"
os.environ["COUNTWELL_DATA"] = tempfile.mkdtemp(prefix="countwell-test-")
django.setup()

# What was loaded stays until the end, and is not looked through again and again for what nobody holds.
gc.freeze()
gc.set_threshold(200_000, 20, 100)
