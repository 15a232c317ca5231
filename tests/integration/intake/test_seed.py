"""What an operator is told who brings the catalogue to what a file says."""

import pytest
from msgspec.structs import replace

from tests.integration.intake.erasing import command
from tests.support.intake import CATALOGUE


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "catalogue.toml"
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


async def test_how_much_was_new(settings, file):
    told = [(await command(settings, "seed", str(file))).stdout for _ in range(2)]
    assert told == ["seeded: 5 events\n", "seeded: 0 events\n"]


@pytest.mark.parametrize("content", ["no catalogue", "[groups.x]\nlabel = 1", None])
async def test_a_file_that_is_wrong_is_named(settings, file, content):
    file.unlink() if content is None else file.write_text(content)
    done = await command(settings, "seed", str(file))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("name", "error"),
    [("nobody@127.0.0.1:1/none", "ConnectionRefusedError: "), (None, "InvalidCatalogNameError: ")],
)
async def test_a_database_that_is_away_is_not_the_fault_of_the_file(settings, file, name, error):
    known = settings.database_url
    address = f"postgresql://{name}" if name else known.replace("/test_", "/no_such_")
    done = await command(replace(settings, database_url=address), "seed", str(file))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(error)
