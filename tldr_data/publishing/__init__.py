"""A build made public: what of it may be, what it changes, and everything of it in one commit on the Hub."""
