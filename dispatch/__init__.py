"""What the one-stop owes and is owed: dossiers, orders, papers, custody, and everything we send to others."""
