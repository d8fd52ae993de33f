"""What is published of the functions, as it is served: the same for everybody, and made once."""

import json
from functools import cache
from typing import Final

from ledger.api.functions.declarations import JAVASCRIPT, declarations
from ledger.api.functions.published import published
from ledger.application.catalogue import FUNCTIONS

FUNCTIONS_PATH: Final = "/api/functions"
TYPES_PATH: Final = "/api.d.ts"
JAVASCRIPT_PATH: Final = "/api.js"
PAGES: Final = frozenset({FUNCTIONS_PATH, TYPES_PATH, JAVASCRIPT_PATH})


@cache
def page_at(path: str) -> tuple[bytes, bytes]:
    """The content type and the body of one of PAGES."""
    match path:
        case "/api/functions":
            return b"application/json", json.dumps(published(FUNCTIONS), ensure_ascii=False).encode()
        case "/api.d.ts":
            return b"text/plain; charset=utf-8", declarations(published(FUNCTIONS)).encode()
        case "/api.js":
            return b"text/javascript; charset=utf-8", JAVASCRIPT.encode()
        case _:
            raise AssertionError(f"{path} is no page of the functions")
