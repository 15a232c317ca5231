"""Mail coming in: from the bytes that a mail server hands over to what the journal says of them."""
