"""Bodies: every bad field at once, in French."""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.vocabulary import Urgency
from shared.http.bodies import Body, Email, Line, LongText
from shared.http.problems import Problem


class Inner(msgspec.Struct, frozen=True, kw_only=True):
    name: Line
    email: Email | None = None


class Form(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    name: Line
    text: LongText
    urgency: Urgency = Urgency.NORMAL
    count: Annotated[int, msgspec.Meta(ge=0)] = 0
    mark: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    inner: Inner | None = None
    ids: Annotated[list[UUID], msgspec.Meta(max_length=2)] = []
    from_: str = ""


GOOD = {"name": "Claire", "text": "Bonjour"}


def errors(**changes: object) -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        Body(Form, json.dumps(GOOD | changes).encode()).done()
    assert caught.value.status == 422
    return {error.field: error.message for error in caught.value.errors}


def test_a_good_body_becomes_the_struct():
    body = GOOD | {"urgency": "low", "inner": {"name": "Hugo"}, "ids": [str(UUID(int=1))], "from": "ici"}
    form = Body(Form, json.dumps(body).encode()).done()
    assert form == Form(
        name="Claire", text="Bonjour", urgency=Urgency.LOW, inner=Inner(name="Hugo"), ids=[UUID(int=1)], from_="ici"
    )


def test_text_is_cleaned_before_it_is_measured():
    form = Body(Form, json.dumps({"name": "  e\u0301 ", "text": " a\r\nb \n"}).encode()).done()
    assert (form.name, form.text) == ("é", "a\nb")
    assert errors(text=" \n ") == {"text": "Ce champ ne peut pas être vide."}
    assert errors(text="a" * 20_001) == {"text": "20\u202f000 caractères au plus\u202f; il y en a 20\u202f001."}


def test_every_bad_field_is_told_under_its_own_name():
    wrong = {
        "name": 1,
        "text": "\0",
        "urgency": "?",
        "count": "1",
        "inner": {"email": "x", "z": 0},
        "ids": ["x"],
        "b": 1,
    }
    assert set(errors(**wrong)) == {
        "name", "text", "urgency", "count", "inner.name", "inner.email", "inner.z", "ids", "b"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"urgency": "?"}, "Cette valeur est inconnue. Valeurs possibles\u00a0: low, normal, high, critical."),
        ({"count": "1"}, "Un nombre entier est attendu."),
        ({"count": -1}, "Un nombre entier est attendu."),
        ({"mark": 6}, "Un nombre entier de 1 à 5 est attendu."),
        ({"inner": []}, "Un objet est attendu."),
        ({"ids": {}}, "Une liste est attendue."),
        ({"ids": [str(UUID(int=n)) for n in range(3)]}, "2 éléments au plus."),
        ({"ids": ["x"]}, "Chaque élément de la liste doit convenir. Un identifiant est attendu."),
        ({"name": "a\nb"}, "Ce texte doit tenir sur une seule ligne."),
        ({"name": "a\u202eb"}, "Ce texte contient des caractères invisibles ou qui inversent le sens de lecture."),
        ({"inner": {"name": "x", "email": "x@y"}}, "Cette valeur n’a pas la forme attendue."),
    ],
)
def test_what_people_read(change, message):
    (said,) = errors(**change).values()
    assert said == message


def test_checks_see_only_what_was_readable():
    body = Body(Form, b'{"text": "x"}')
    body.check("name", lambda _: pytest.fail("there is no name"))
    body.check("text", lambda text: text * 2)
    body.refuse("inner", "Non.")
    assert body.values["text"] == "xx"
    with pytest.raises(Problem) as caught:
        body.done()
    assert [error.field for error in caught.value.errors] == ["name", "inner"]


def test_a_check_that_fails_is_an_error_of_its_field():
    def judge(_: str) -> str:
        raise ValueError("Non.")

    body = Body(Form, json.dumps(GOOD).encode())
    body.check("name", judge)
    with pytest.raises(Problem) as caught:
        body.done()
    assert [(error.field, error.message) for error in caught.value.errors] == [("name", "Non.")]


def test_errors_do_not_pile_up():
    for strange, listed, said in ((50, 50, "incorrectes."), (500, 50, "non listées\u00a0: 450.")):
        body = Body(Form, json.dumps(GOOD | {f"x{n}": n for n in range(strange)}).encode())
        with pytest.raises(Problem) as caught:
            body.done()
        assert len(caught.value.errors) == listed
        assert caught.value.detail.endswith(said)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from([*GOOD, "inner", "ids"]), inner),
    )
)
def test_anything_is_read_or_refused(value):
    try:
        form = Body(Form, json.dumps(value).encode()).done()
    except Problem as problem:
        assert problem.status in {400, 422}  # noqa: PT017 - both ends are right
    else:
        assert isinstance(form, Form)


@given(st.binary())
def test_any_bytes_are_read_or_refused(raw):
    try:
        Body(Form, raw).done()
    except Problem as problem:
        assert problem.status in {400, 422}  # noqa: PT017 - both ends are right
