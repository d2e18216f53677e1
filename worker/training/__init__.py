"""The training world: citizens, officers, postmen and their systems, played around the real system over real HTTP."""
