"""``python -m bot`` is the command `newsdesk`."""

import sys

if __name__ == "__main__":
    try:
        from bot.cli import main

        main()
    except KeyboardInterrupt:  # Ctrl+C while the program is still being loaded
        sys.exit(130)
