"""The reference model, TLDR (arXiv 2410.04734), as readable recipes; run from a checkout, with the extra ``train``."""
