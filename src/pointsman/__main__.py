"""`pointsman`, and `python -m pointsman`"""

from __future__ import annotations

from pointsman.loading import loading


def main() -> None:
    with loading():
        from pointsman.cli import main as run
    run()


if __name__ == "__main__":
    main()
