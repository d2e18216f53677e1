"""The commands of ``postal``, grouped by what they are for."""
