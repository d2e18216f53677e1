"""Reports out: what is counted, how, and the sheets on which it is handed in."""
