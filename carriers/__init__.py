"""Postal operators: one small contract, one door to the network, one package per operator."""
