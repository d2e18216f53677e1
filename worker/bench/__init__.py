"""Speed, measured beside other ways of doing the same: a naive one, published libraries, and the ceiling."""
