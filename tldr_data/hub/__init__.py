"""The Hugging Face Hub: reading datasets of it, and its answers in words that help."""
