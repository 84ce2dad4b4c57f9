"""What Clarion knows about phone numbers and text messages, apart from sending them."""
