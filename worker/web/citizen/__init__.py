"""The citizen's pages, ``/tra-cuu``: small, without a script, and careful about who is asking."""
