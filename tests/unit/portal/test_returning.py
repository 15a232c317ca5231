from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.access.returning import safe_return

SITE = "https://cecoia.example"


@pytest.mark.parametrize("address", ["/", "/incidents?q=a&status=open", "/incidents/1181106_0230#maj", "/files/reseau"])
def test_pages_of_this_site_are_kept(address: str) -> None:
    assert safe_return(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None, "", "incidents", "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example",
        "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "/connexion", "/connexion/aller?retour=/",
        "/deconnexion", "/flux", "/brouillon/x", "\\\\evil.example", " /x", "/x\u2028y", "/x y",
    ],
)  # fmt: skip
def test_anything_else_leads_home(address: str | None) -> None:
    assert safe_return(address) == "/"


@given(st.text(alphabet=st.sampled_from("/\\:@.?#ev il%\t\n\r09") | st.characters()))
def test_no_address_leaves_the_site(text: str) -> None:
    assert urlsplit(urljoin(f"{SITE}/connexion", safe_return(f"/{text}"))).netloc == "cecoia.example"
