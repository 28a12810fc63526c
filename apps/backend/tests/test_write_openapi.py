from __future__ import annotations

from tests import write_openapi


def test_the_document_beside_the_code_is_the_one_that_is_served() -> None:
    assert write_openapi.PATH.read_text() == write_openapi.document(), "write it anew: python -m tests.write_openapi"
