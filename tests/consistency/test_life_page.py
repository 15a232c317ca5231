"""The page about the life of an incident is the one that the code makes."""

import pytest

from shared import life_page


def test_the_page_in_the_repository_is_that_of_the_rules() -> None:
    assert life_page.PAGE.read_text(encoding="utf-8") == life_page.page(), "run python -m shared.life_page"


def test_check_fails_when_it_is_out_of_date(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", ["life_page", "--check"])
    life_page.main()
    monkeypatch.setattr(life_page, "PAGE", tmp_path / "life.md")
    life_page.PAGE.write_text("Once upon a time.", encoding="utf-8")
    with pytest.raises(SystemExit, match="out of date"):
        life_page.main()
