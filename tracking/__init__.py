"""What came in, what it means for a shipment, and what it does to a due date."""
