"""What the tests stand on: servers, and a place of the tests' own in each of them."""
