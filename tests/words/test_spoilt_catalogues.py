"""A catalogue that is spoilt fails the build with a sentence that names its file, the entry, and what to do."""

from __future__ import annotations

import pytest

from tests.words.catalogues import Template
from tests.words.faults import faults

HEAD = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
WANTED: set[Template] = {
    (None, "{award} was revoked on {day}"),
    ("of a register", "nothing"),
    (None, ("{n} holder", "{n} holders")),
}
SOUND = (
    HEAD
    + 'msgid "{award} was revoked on {day}"\nmsgstr "{award} 于 {day} 撤销"\n\n'
    + 'msgctxt "of a register"\nmsgid "nothing"\nmsgstr "无"\n\n'
    + 'msgid "{n} holder"\nmsgid_plural "{n} holders"\nmsgstr[0] "{n} 个"\nmsgstr[1] "{n} 个"\n'
)


def found(text: str) -> list[str]:
    return faults("fr.po", text.encode(), WANTED)


def test_a_sound_catalogue_has_no_fault() -> None:
    assert found(SOUND) == []


@pytest.mark.parametrize(
    ("sound", "spoilt", "said"),
    [
        (
            'msgctxt "of a register"\nmsgid "nothing"\nmsgstr "无"\n\n',
            "",
            "fr.po: “nothing” [of a register]: it is not in the catalogue; run make words, then translate it",
        ),
        (
            'msgctxt "of a register"\n',
            "",
            "fr.po: “nothing”: nothing says it any more; run make words, which takes it out",
        ),
        ('msgstr "无"', 'msgstr ""', "fr.po: “nothing” [of a register]: it has no translation; write one"),
        (
            'msgstr "{award} 于 {day} 撤销"',
            'msgstr "{award} 已撤销"',
            "fr.po: “{award} was revoked on {day}”: the translation loses {day}; write it in, or put the comment "
            "“left out: {day}” on the entry",
        ),
        (
            'msgstr "{award} 于 {day} 撤销"',
            'msgstr "{award} 于 {date} 撤销"',
            "fr.po: “{award} was revoked on {day}”: the translation asks for {date}, which nobody gives; take it out, "
            "or write what the template has",
        ),
        (
            'msgid "{award}',
            '# left out: {day}\nmsgid "{award}',
            "fr.po: “{award} was revoked on {day}”: the comment leaves out {day}, which is not left out; take the "
            "comment away",
        ),
        (
            '\nmsgstr[1] "{n} 个"',
            "",
            "fr.po: “{n} holder / {n} holders”: it has no translation of 2 forms, as this language counts; write "
            "msgstr[0] to msgstr[1]",
        ),
        (
            "nplurals=2; plural=(n != 1)",
            "nplurals=3; plural=(n == 1 ? 0 : n == 2 ? 1 : 2)",
            "fr.po: “{n} holder / {n} holders”: it has no translation of 3 forms, as this language counts; write "
            "msgstr[0] to msgstr[2]",
        ),
        (
            "nplurals=2; plural=(n != 1)",
            "nplurals=1; plural=0",
            'fr.po, line 12: “msgid "{n} holder"”: msg has more translations than num_plurals of catalog; '
            "mend the line",
        ),
        (
            'msgstr "无"',
            "msgstr 无",
            "fr.po: “nothing” [of a register]: it has no translation; write one",
        ),
        (
            'msgstr[1] "{n} 个"',
            'msgstr[1] "几个"',
            "fr.po: “{n} holder / {n} holders”: the translation loses {n}; write it in, or put the comment "
            "“left out: {n}” on the entry",
        ),
        (
            'msgctxt "of a register"',
            '#, fuzzy\nmsgctxt "of a register"',
            "fr.po: “nothing” [of a register]: it is marked fuzzy; read the translation, and take the mark away",
        ),
    ],
)
def test_a_spoilt_catalogue_says_what_is_wrong_with_which_entry(sound: str, spoilt: str, said: str) -> None:
    assert sound in SOUND
    assert said in found(SOUND.replace(sound, spoilt))


def test_what_a_translation_leaves_out_on_purpose_is_no_fault() -> None:
    left = SOUND.replace('msgid "{award}', '# left out: {day}\nmsgid "{award}').replace(
        "{award} 于 {day} 撤销", "{award} 已撤销"
    )
    assert found(left) == []
