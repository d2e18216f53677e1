"""VNPT-iGate 2, the case system of many provinces: its dossiers are read, and nothing is written into it."""
