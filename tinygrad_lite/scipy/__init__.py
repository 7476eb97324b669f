"""SciPy's functions that have a derivative here: ``tinygrad_lite.scipy.special`` and ``tinygrad_lite.scipy.stats``."""
