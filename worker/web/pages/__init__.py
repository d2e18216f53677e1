"""What every page has in common: languages, layout, style sheet, script and the headers that protect it."""
