"""The spaces and apostrophes of French, in everything that pages and mails say."""

import re
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
TEMPLATES = sorted(
    path
    for folder in (SERVICES / "portal" / "templates", SERVICES / "notifier" / "mail" / "messages")
    for path in folder.rglob("*.*")
    if path.name != "subject.txt"  # people and mail programs search for its plain « Incident n° »
)

#: What nobody reads: comments, statements, styles.
SILENT = re.compile(r"\{#.*?#\}|\{%.*?%\}|<style.*?</style>|<!--.*?-->", re.DOTALL)
PLACES = re.compile(r"\{\{.*?\}\}", re.DOTALL)
#: How a space may be written -> the character.
ENTITIES = {"&nbsp;": "\u00a0", "&#160;": "\u00a0", "&#8239;": "\u202f", "&laquo;": "«", "&raquo;": "»"}

RULES = {
    "a narrow no-break space before ; ! ?": re.compile(r"[ \u00a0]+[;!?](?=[\s<\"]|$)", re.MULTILINE),
    "a no-break space before the colon": re.compile(r"[ \u202f]+:(?=[\s<\"]|$)", re.MULTILINE),
    "a no-break space inside « »": re.compile(r"«(?!\u00a0)|(?<!\u00a0)»"),
    "a no-break space after n°": re.compile(r"\b[Nn]°(?!\u00a0)"),
    "the curved apostrophe": re.compile(r"(?<=[^\W\d])'(?=[^\W\d])"),
}


def said(text: str) -> str:
    """The words of a template; what it fills in counts as one letter."""
    text = PLACES.sub("X", SILENT.sub("", text))
    for written, character in ENTITIES.items():
        text = text.replace(written, character)
    return text


@pytest.mark.parametrize("rule", RULES)
def test_templates_keep_the_rules_of_french_spacing(rule: str) -> None:
    assert TEMPLATES
    broken = {
        f"{path.relative_to(SERVICES)}: {line.strip()[:160]}"
        for path in TEMPLATES
        for line in said(path.read_text(encoding="utf-8")).splitlines()
        if RULES[rule].search(line)
    }
    assert broken == set(), rule


@pytest.mark.parametrize(
    "wrong", ["l’incident&nbsp;; puis", "Graphique : volumes", "N° d’incident", "« mot »", "qu'il", "Pourquoi ?"]
)
def test_the_rules_find_what_they_are_for(wrong: str) -> None:
    assert any(rule.search(said(wrong)) for rule in RULES.values())
