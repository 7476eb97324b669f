"""Speed and memory beside other libraries, measured here and now: ``python -m benchmarks`` or ``make bench``.

Each contestant runs in a process of its own, for in one process they disturb each other: threads of one library that
wait for work spin, and slow another's matrix products by up to two times. The processes take turns, so that what drifts
on the machine drifts for all; figures are medians over the rounds, ratios are medians of each round's ratio.
"""
