"""Questions about images and what is a right answer to them: for what makes wrong answers and what verifies them."""
