"""``python -m beian``."""

from beian.commands import main

if __name__ == "__main__":
    main()
