"""How much styling and script a page brings along."""

import gzip
import re
from urllib.parse import urljoin

import httpx

MOST_BYTES = 100_000
STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
SCRIPT = re.compile(r'<script[^>]* src="([^"]+)"')
IMPORT = re.compile(r'^import\b.*?"(\.[^"]+)";$', re.MULTILINE)


class Scale:
    """Weighs pages; each file is fetched once."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._files: dict[str, tuple[int, list[str]]] = {}

    def weigh(self, html: str) -> int:
        """Return the bytes of a page's style sheets and scripts, imported modules too, each compressed as gzip does."""
        wanted, total, seen = STYLE.findall(html) + SCRIPT.findall(html), 0, set[str]()
        while wanted:
            path = wanted.pop()
            if path not in seen:
                seen.add(path)
                size, imports = self._file(path)
                total += size
                wanted += imports
        return total

    def _file(self, path: str) -> tuple[int, list[str]]:
        if path not in self._files:
            content = self._client.get(path).raise_for_status().content
            imports = IMPORT.findall(content.decode()) if path.endswith(".js") else []
            self._files[path] = len(gzip.compress(content)), [urljoin(path, name) for name in imports]
        return self._files[path]
