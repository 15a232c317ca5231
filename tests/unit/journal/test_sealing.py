from itertools import islice
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from shared.events import publish
from shared.events.base import Person
from shared.events.incident import IncidentCreated
from shared.events.notification import NotificationFailed
from shared.events.registry import EVENTS
from shared.events.vocabulary import Message
from shared.journal.keys import Key
from shared.journal.personal import change_texts, people_in, places
from shared.journal.sealing import PREFIX, SealBrokenError, draw_nonces, seal_text, unseal_text
from tests.support.history import created, person, routed, updated

KEY, OTHER = (Key(bytes([n]) * 32, AESGCM(bytes([n]) * 32)) for n in (1, 2))
EVENT = UUID(int=7)
NONCE = bytes(12)


@given(st.text(), st.uuids(), st.sampled_from(["text", "requester.name"]))
def test_what_was_sealed_can_be_opened(text: str, event_id: UUID, path: str) -> None:
    sealed = seal_text(KEY, event_id, path, text, NONCE)
    assert sealed.startswith(PREFIX)
    assert unseal_text(KEY, event_id, path, sealed) == text


def test_equal_texts_do_not_look_equal() -> None:
    nonces = draw_nonces()
    sealed = {seal_text(KEY, EVENT, "text", "secret", next(nonces)) for _ in range(200)}
    assert len(sealed) == 200


def test_nonces_are_never_drawn_twice() -> None:
    assert len(set(islice(draw_nonces(), 1000)) | set(islice(draw_nonces(), 1000))) == 2000


@pytest.mark.parametrize(
    ("key", "event_id", "path"), [(OTHER, EVENT, "text"), (KEY, UUID(int=8), "text"), (KEY, EVENT, "phone")]
)
def test_a_seal_fits_one_key_one_event_and_one_field(key: Key, event_id: UUID, path: str) -> None:
    sealed = seal_text(KEY, EVENT, "text", "secret", NONCE)
    with pytest.raises(SealBrokenError):
        unseal_text(key, event_id, path, sealed)


@pytest.mark.parametrize("sealed", [PREFIX, PREFIX + "AAAA", PREFIX + "%%", PREFIX + "A"])
def test_rubbish_is_a_broken_seal(sealed: str) -> None:
    with pytest.raises(SealBrokenError):
        unseal_text(KEY, EVENT, "text", sealed)


def test_texts_belong_to_the_owner_and_names_to_each_person() -> None:
    requester, owner = person(), uuid4()
    seen: dict[str, UUID] = {}

    def note(who: UUID, path: str, text: str) -> str:
        seen[path] = who
        return text.upper()

    event = created(requester)
    changed = change_texts(event, owner, note)
    assert seen == {
        "phone": owner,
        "availability": owner,
        "description": owner,
        "requester.name": requester.id,
        "requester.email": requester.id,
        "recorded_by.name": requester.id,
        "recorded_by.email": requester.id,
    }
    assert isinstance(changed, IncidentCreated)
    assert (changed.requester.name, changed.description) == ("SOURCE, AUDE", "L’ÉCRAN RESTE NOIR.")
    assert changed.subject == event.subject
    assert set(people_in(event, owner)) == {requester.id, owner}


def test_what_is_not_personal_stays() -> None:
    event = routed()
    assert change_texts(event, None, lambda *_: "never") is event


def test_missing_texts_stay_missing() -> None:
    by = Person(id=uuid4(), name="Aude")
    changed = change_texts(updated(by), uuid4(), lambda _, path, __: path)
    assert changed == updated(Person(id=by.id, name="by.name"), "text")


def test_personal_text_needs_an_owner() -> None:
    with pytest.raises(ValueError, match="IncidentUpdated"):
        change_texts(updated(person()), None, lambda *_: "")


def test_the_last_word_of_a_mail_server_is_personal() -> None:
    assert places(NotificationFailed) == (("error",), ("to",))
    assert Message.CREATION  # codes are not


def test_no_event_hides_personal_text_where_sealing_does_not_look() -> None:
    """Sealing looks at fields and at `Person` fields. A list or another struct with texts in it would stay open."""
    for event in EVENTS:
        definitions = publish.schema(event)["$defs"]
        hidden = {name for name, one in definitions.items() if "x-personal" in str(one)} - {event.__name__, "Person"}
        assert not hidden, event
        where, fields = places(event), definitions[event.__name__]["properties"]
        assert {name for name, field in fields.items() if "x-personal" in str(field)} == set(where.texts), event
        assert {name for name, field in fields.items() if "#/$defs/Person" in str(field)} == set(where.persons), event
        assert not any("items" in fields[name] for name in (*where.texts, *where.persons)), event
