"""How a build is cut into chunks, written so that a kill at any moment loses little, and merged."""
