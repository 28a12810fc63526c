"""Write `openapi.json` anew, which clients make their types from: `python -m tests.write_openapi`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from app.main import create_app
from tests.support.application import make_settings

PATH: Final = Path(__file__).parents[1] / "openapi.json"


def document() -> str:
    """The document as the file has it."""
    app = create_app(make_settings("postgresql://nobody@localhost/none"))
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(document())
