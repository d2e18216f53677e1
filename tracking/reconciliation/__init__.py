"""Our copy against everybody else's: dossiers and due dates at the one-stops, live orders at the operators."""
