"""The samples that the recipe learns from: real scenes with a teacher, or simulated landscapes at a few metres."""
from setup import recipe

if 'maskedCities' in recipe:
    from samples import Samples
else:
    from fine import Samples

__all__ = ['Samples']
