from services.portal.pages.create import FIELDS
from services.portal.upstream.http import FieldProblem
from services.portal.upstream.problems import shown, title_prefix


def test_problems_come_in_the_order_of_the_form() -> None:
    given = [
        FieldProblem("description", "Trop long"),
        FieldProblem("phone", "Faux"),
        FieldProblem("subject", "Inconnu"),
    ]
    typed = {"description": "x", "phone": "1", "subject": "y"}
    assert [one.anchor for one in shown(given, FIELDS, typed)] == ["objet", "telephone", "description"]


def test_an_empty_field_gets_the_words_of_the_form() -> None:
    (one,) = shown([FieldProblem("subject", "Au moins un caractère est attendu.")], FIELDS, {"subject": " "})
    assert one.message == "Choisissez dans la liste ce qui s’approche le plus"


def test_nested_fields_and_lists_find_their_place() -> None:
    given = [FieldProblem("uploads[3]", "Inconnu"), FieldProblem("beneficiary.email", "Faux")]
    found = shown(given, FIELDS, {"beneficiary_email": "x"})
    assert [one.anchor for one in found] == ["ben-mel", "documents"]


def test_what_names_no_field_is_about_the_whole() -> None:
    (one,) = shown([FieldProblem("", "Impossible maintenant")], FIELDS, {})
    assert (one.anchor, one.message) == ("contenu", "Impossible maintenant")


def test_the_title_says_how_many() -> None:
    two = shown([FieldProblem("phone", "Faux"), FieldProblem("subject", "")], FIELDS, {"phone": "1"})
    assert title_prefix(two) == "Erreur\u00a0: 2\u00a0points à corriger – "
    assert title_prefix([]) == ""
