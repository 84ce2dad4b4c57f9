"""What is known about e-mail addresses: who must not be written to, who complained, who wants which topics."""
