"""Problem documents."""

import msgspec
import pytest

from shared.http.problems import MEDIA_TYPE, FieldError, Problem, invalid, not_found, unavailable


def test_a_problem_document_has_the_members_of_the_contract():
    response = invalid(FieldError("phone", "Non.")).response()
    assert response.media_type == MEDIA_TYPE
    assert msgspec.json.decode(response.content) == {
        "type": "urn:cecoia:problem:invalid",
        "title": "Saisie à corriger",
        "status": 422,
        "detail": "Certaines informations sont manquantes ou incorrectes.",
        "errors": [{"field": "phone", "message": "Non."}],
    }


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 431, 500, 503])
def test_each_status_has_words(status):
    problem = Problem(status)
    assert problem.detail.endswith(".")
    assert "'" not in problem.title + problem.detail


def test_unusual_statuses_are_told_too():
    assert Problem(418).title


def test_what_may_be_tried_again_says_when():
    assert unavailable(3).headers == {"Retry-After": "3"}
    assert not_found("Rien.").detail == "Rien."
