"""Write the pages of `docs/reference`, and remove those that nothing makes any longer."""

from __future__ import annotations

from tests.reference.pages import COMPATIBILITY, FOLDER, pages
from tests.spec import ABSENT


def main() -> None:
    made = pages()
    for name, text in made.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in FOLDER.rglob("*.md"):
        name = path.relative_to(FOLDER).as_posix()
        if name not in made and name != COMPATIBILITY:
            path.unlink()
    if COMPATIBILITY not in made:
        print(f"{COMPATIBILITY} is left as it is: {ABSENT}")
    print(f"{len(made)} pages in {FOLDER}")


if __name__ == "__main__":
    main()
