"""What is read from the environment, and what is said of a variable that does not fit."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.environment import write_run_env
from shared.settings import Settings, SettingsError
from tests.support.settings import NOWHERE


def read(home: Path, **variables: str) -> Settings:
    given = {f"CECOIA_{name}": value for name, value in variables.items()}
    return Settings.read({"CECOIA_HOME": str(home), **NOWHERE, **given})


def test_what_is_not_said_follows_from_home_and_port(tmp_path: Path) -> None:
    settings = read(tmp_path, PORT="9000")
    assert settings.documents_url == (tmp_path / "documents").as_uri()
    assert (settings.portal_url, settings.oidc_issuer) == ("http://127.0.0.1:9000", "http://127.0.0.1:9003")
    assert (settings.limits, settings.document_size, settings.broker_options) == (True, 25 * 1024 * 1024, {})


def test_what_is_said_counts(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        LIMITS="off",
        REOPEN_DAYS="7",
        DOCUMENT_SIZE="1000",
        BROKER_OPTIONS='{"a": 1}',
        TOKEN_ALGORITHMS="ES256,PS256",
        DOCUMENTS_URL="s3://bucket",
        QUERY_URL="https://query.example",
    )
    assert (settings.limits, settings.document_size, settings.broker_options) == (False, 1000, {"a": 1})
    assert (settings.token_algorithms, settings.documents_url) == (("ES256", "PS256"), "s3://bucket")
    assert settings.query_url == "https://query.example"
    assert settings.reopening == timedelta(days=7)


@pytest.mark.parametrize(("said", "days"), [("off", None), ("1826", 1826), ("1826d", 1826), ("5y", 1826), ("30d", 30)])
def test_retention_is_an_age(tmp_path: Path, said: str, days: int | None) -> None:
    assert read(tmp_path, RETENTION=said).retention == (timedelta(days=days) if days else None)


@pytest.mark.parametrize("said", ["5", "29d", "0y", "-5y", "five", "5w"])
def test_an_age_that_nobody_means_does_not_fit(tmp_path: Path, said: str) -> None:
    with pytest.raises(SettingsError, match="CECOIA_RETENTION does not fit: it must be"):
        read(tmp_path, RETENTION=said)


def test_the_running_stack_says_what_the_environment_does_not(tmp_path: Path) -> None:
    write_run_env(tmp_path, NOWHERE | {"CECOIA_PORT": "9000"})
    assert Settings.read({"CECOIA_HOME": str(tmp_path)}).port == 9000
    assert Settings.read({"CECOIA_HOME": str(tmp_path), "CECOIA_PORT": ""}).port == 9000
    assert Settings.read({"CECOIA_HOME": str(tmp_path), "CECOIA_PORT": "9100"}).port == 9100


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "0"),
        ("PORT", "65533"),
        ("DOCUMENT_SIZE", "large"),
        ("REOPEN_DAYS", "-1"),
        ("BROKER_OPTIONS", "{"),
        ("BROKER_OPTIONS", "[]"),
        ("DATABASE_URL", "mysql://secret@host/x"),
        ("REDIS_URL", "host:6379"),
        ("SMTP_URL", "mail.example"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://secret@host:smtp"),
        ("SMTP_URL", "smtp://user:secret/word@host"),
        ("DOCUMENTS_URL", "ftp://secret@host"),
        ("OIDC_ISSUER", "identity.example"),
        ("INTAKE_URL", "http://[secret"),
    ],
)
def test_what_does_not_fit_is_named_and_not_repeated(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^CECOIA_{name} does not fit: [^\n]+$") as said:
        read(tmp_path, **{name: value})
    assert "secret" not in str(said.value)


def test_a_process_without_a_database_ends_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"^CECOIA_DATABASE_URL is not set, [^\n]+$"):
        Settings.read_or_exit({"CECOIA_HOME": str(tmp_path)})
