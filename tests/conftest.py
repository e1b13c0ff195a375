"""Settings all tests share: how long Hypothesis searches (HYPOTHESIS_PROFILE=long for the long search)."""

import os

from hypothesis import HealthCheck, settings

QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

settings.register_profile(
    "ci", max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=QUIET
)
settings.register_profile("long", max_examples=1000, deadline=None, print_blob=True, suppress_health_check=QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
