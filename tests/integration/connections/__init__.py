"""All four connections at once: what happens to 200 dossiers, in which systems, around one system of ours."""
