"""The workshop builds the Word templates; it is for developers and is not shipped."""
