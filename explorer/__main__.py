"""``python -m explorer``: the same program as ``layer-explorer``."""

from explorer.cli import main

if __name__ == "__main__":
    main()
