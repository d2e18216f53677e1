"""Printing: what is gathered for a document here and in :mod:`dispatch.documents`, numbered and drawn as one PDF."""
