"""The commands of ``tldr-data``, by what they work on; ``cli.py`` puts them together."""
