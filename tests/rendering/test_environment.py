"""Templates are compiled before anybody asks for a page."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest

from api.languages import languages
from api.rendering import environment as rendering


def test_once_they_are_prepared_no_template_is_compiled_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, generate = list[str](), jinja2.Environment._generate

    def counted(env: jinja2.Environment, source: Any, name: Any, filename: Any, **more: Any) -> Any:
        compiled.append(name)
        return generate(env, source, name, filename, **more)

    monkeypatch.setattr(jinja2.Environment, "_generate", counted)
    rendering.environment.cache_clear()
    rendering.prepare()
    every = rendering.environment("zh").list_templates()
    assert {"blocks.html", "award.html", "desk_home.html"} <= set(every)
    # What is the same on every page is said while it is compiled, in its language.
    assert sorted(compiled) == sorted(every * len(languages()))
    compiled.clear()
    for language in languages():
        for name in every:
            rendering.environment(language).get_template(name)
    assert compiled == []
