"""The whole system in one process and one thread, on a virtual clock, under faults by seed, against an oracle.

The code that runs is the real one on a real database; citizens, desks, operators and one-stops are played. The same
seed plays the same story: nothing here looks at real time, and all chance comes from the seed.
"""
