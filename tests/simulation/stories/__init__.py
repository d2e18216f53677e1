"""The hard cases of real life, each a story: facts go in; shipments, papers, money, clock, words and tasks come out."""
