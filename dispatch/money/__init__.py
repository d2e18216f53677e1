"""Money: postage, the agency's fee, and damages, as facts from which balanced entries follow."""
