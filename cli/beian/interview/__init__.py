"""The interview: which fact to ask next, how it is asked, and the two ways of asking it."""
