"""What is the same, or nearly: images, texts, question and answer pairs; and the groups that such pairs make.

Each kind has two steps: a cheap one that gives candidate pairs of very many, and one that compares two of them.
"""
