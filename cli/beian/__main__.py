"""``python -m beian``."""

from beian.commands import main

main()
