"""The Hugging Face Hub: datasets pushed to it in one piece, and read back from it."""
