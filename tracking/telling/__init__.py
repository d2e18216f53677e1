"""What a citizen reads: short texts for SMS, letters for e-mail, and which of them are a duty of the law."""
