from hypothesis import HealthCheck, settings

# Slow, shared machines run these tests too: how long one example takes says nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
