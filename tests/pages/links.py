"""What a page offers: its links, the files it is made of, and its forms that ask, each filled in as it stands."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

SITE = "http://testserver"
#: An address that a page names, as it stands in its text.
LINK = re.compile(r'(?:href|src)="([^"]+)"')


@dataclass
class _Form:
    """A form sent by GET, as a browser would send it."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    #: A browser does not send a form in which something required is empty.
    unfinished: bool = False


class _Reader(HTMLParser):
    """Collects addresses; a form counts where it asks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.forms: list[_Form] = []
        self._form: _Form | None = None
        self._select: tuple[str, list[str]] | None = None
        self._context = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        self.found += [given[name] for name in ("href", "src") if name in given]
        match tag:
            case "form":
                asks = given.get("method", "get").lower() == "get" and not any(k.startswith("data-") for k in given)
                self._form = _Form(given.get("action", "")) if asks or "data-dials" in given else None
            case "input" if self._form is not None and "name" in given:
                self._form.fields.append((given["name"], given.get("value", "")))
                self._form.unfinished |= "required" in given and not given.get("value")
            case "select" if self._form is not None:
                self._select = (given["name"], [])
            case "option" if self._select is not None:
                value = given.get("value", "")
                self._select[1].insert(0 if "selected" in given else len(self._select[1]), value)
            case "script":
                self._context = given.get("id") == "context"

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select is not None and self._form is not None:
            name, values = self._select
            self._form.fields += [(name, v) for v in values[:1]]
            self._select = None
        if tag == "form" and self._form is not None:
            self.forms.append(self._form)
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._context:
            # Where a page's script leads on to.
            self.found += [v["to"] for v in json.loads(data).values() if isinstance(v, dict) and "to" in v]
            self._context = False


def offered(address: str, text: str) -> list[str]:
    """Addresses within this site that a page at ``address`` offers, each once, without fragments."""
    reader = _Reader()
    reader.feed(text)
    sent = [
        f"{urljoin(address, f.action).partition('?')[0]}?{urlencode(f.fields)}"
        for f in reader.forms
        if not f.unfinished
    ]
    whole = [urljoin(SITE + address, a).partition("#")[0] for a in [*reader.found, *sent]]
    return list(dict.fromkeys(a.removeprefix(SITE) for a in whole if a.startswith(f"{SITE}/")))


def shape(address: str) -> str:
    """What kind of page it is: the section, whether of one subject, which parameters it is asked with, which file it
    gives.
    """
    split = urlsplit(address)
    parts = [p for p in split.path.split("/") if p]
    query = dict(parse_qsl(split.query, keep_blank_values=True))
    # The form of an act and an inquiry are pages of their own; a case, an entry, a person are not.
    depth = (
        5 if parts[3:4] and parts[3] in ("ask", "record", "bulk") else 4 if parts[1:2] in (["desk"], ["bench"]) else 3
    )
    named = "/".join(re.sub(r"[0-9]+", "0", p) for p in parts[:depth])
    asked = sorted(k for k in query if k not in ("as_of", "known_at", "large"))
    return f"{named} {len(parts) > depth} {asked} {query.get('format', '')} {'as_of' in query}"
