"""The staff's board: what needs a hand now, shipments, dossiers, handovers, operators, figures. One module per page."""
