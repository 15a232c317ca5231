"""A manager reads reports: from today to a figure, from the figure to its events, and what is worth keeping is kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Visit
from tests.support.seeding import Seeded
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GROUP = "Messagerie et identité"


def await_figures(page: Page) -> None:
    """The projection may be a moment late."""

    def there() -> bool:
        page.reload()
        return page.locator(".figures .value").first.inner_text() not in {"0", "–"}

    eventually(there)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_figure_leads_to_its_events_and_its_incident(visit: Visit, seeded: Seeded, scripts: bool) -> None:
    page = visit("sophie.durand", java_script_enabled=scripts).open("/rapports")
    page.get_by_role("link", name="Volumes d’incidents", exact=True).click()
    page.get_by_role("link", name="7 derniers jours").click()
    expect(page.get_by_role("link", name="7 derniers jours")).to_have_attribute("aria-current", "page")
    await_figures(page)
    page.get_by_label("Selon").select_option(label="Équipe")
    page.get_by_role("button", name="Appliquer").click()
    expect(page).to_have_url(re.compile("period=7-days"))
    chart = page.locator("figure", has=page.get_by_role("heading", name="Créés, par équipe", exact=True))
    chart.get_by_text("Voir les données").click()
    figure = chart.get_by_role("row", name=GROUP).get_by_role("link")
    count = int(figure.inner_text())
    figure.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Détail du calcul")
    expect(page.locator(".figures .value")).to_have_text(f"{count}")
    expect(page.get_by_role("navigation", name="Pages")).to_contain_text(f"{count}")
    expect(page.locator(".head")).to_contain_text(GROUP)
    # any of them: other tests may have filled the first page before
    first = page.locator("tbody tr").first
    number = first.get_by_role("rowheader").get_by_role("link").inner_text()
    first.get_by_role("link", name="événement brut").click()
    expect(page).to_have_url(re.compile(rf"/incidents/{number}#brut-\d+"))
    page.go_back()
    page.get_by_role("navigation", name="Fil d’Ariane").get_by_role("link", name="Volumes d’incidents").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Volumes d’incidents")


def test_a_report_as_it_was_known_holds_nothing_later(visit: Visit, seeded: Seeded) -> None:
    page = visit("sophie.durand").open("/rapports/volumes?period=7-days")
    await_figures(page)
    page.get_by_text("Filtrer, comparer, revenir en arrière").click()
    page.get_by_label("Tel qu’il était connu le").fill("2020-01-01T08:00")
    page.get_by_role("button", name="Appliquer").click()
    expect(page.get_by_text("Tel qu’il était connu le", exact=False).last).to_contain_text("01/01/2020 08:00:00")
    expect(page.locator(".figures .value").first).to_have_text("0")


def test_two_periods_stand_beside_each_other(visit: Visit, seeded: Seeded) -> None:
    page = visit("sophie.durand").open("/rapports/times")
    page.get_by_text("Filtrer, comparer, revenir en arrière").click()
    page.get_by_label("Mettre à côté").select_option(label="La même, un an avant")
    page.get_by_role("button", name="Appliquer").click()
    expect(page.locator(".figures")).to_contain_text(re.compile("un an avant|pas de comparaison"))
    expect(page.get_by_role("heading", level=2, name=re.compile("Jusqu’à la résolution.*du "))).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_report_is_kept_renamed_and_taken_away(visit: Visit, seeded: Seeded, scripts: bool) -> None:
    first, second = f"Pour le bureau ({scripts})", f"Pour le lundi ({scripts})"
    page = visit("sophie.durand", java_script_enabled=scripts).open("/rapports/backlog?period=month&by=week,group")
    page.get_by_label("Nom", exact=True).fill(first)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status").first).to_contain_text("enregistré")
    page.get_by_role("link", name=first).click()
    expect(page).to_have_url(re.compile("backlog.*period=month.*by=week%2Cgroup"))
    page.go_back()
    page.get_by_text(f"Modifier {first}").click()
    page.locator("li", has_text=first).get_by_label("Nouveau nom").fill(second)
    page.get_by_role("button", name="Renommer").locator("visible=true").click()
    expect(page.get_by_role("link", name=second)).to_be_visible()
    page.get_by_text(f"Modifier {second}").click()
    page.get_by_role("button", name=f"Retirer {second}").click()
    expect(page.get_by_role("link", name=second)).to_have_count(0)


def test_what_waits_today_leads_to_the_incidents_that_wait(visit: Visit, seeded: Seeded) -> None:
    page = visit("sophie.durand").open("/rapports")
    await_figures(page)
    figure = page.locator(".figures > div", has_text="À prendre en compte").get_by_role("link")
    count = figure.inner_text().removesuffix(", détail du calcul")
    figure.click()
    expect(page.locator(".figures .value")).to_have_text(count)
    expect(page.locator("tbody tr")).to_have_count(min(int(count), 20))


def test_a_printed_report_says_its_filters(visit: Visit, seeded: Seeded) -> None:
    page = visit("sophie.durand").open("/rapports/volumes?urgency=high")
    page.emulate_media(media="print")
    expect(page.locator(".head")).to_contain_text("urgence\u00a0: Élevée")
    expect(page.get_by_role("form", name="Filtres du rapport")).to_be_hidden()


def test_what_waits_leads_to_its_queue(visit: Visit, seeded: Seeded) -> None:
    page = visit("sophie.durand").open("/rapports")
    row = page.get_by_role("row", name=GROUP)
    expect(row).to_contain_text(re.compile("[1-9]"))
    row.get_by_role("link", name=GROUP).click()
    expect(page).to_have_url(re.compile("/files/messagerie"))


def test_events_are_filtered_by_type_and_day(visit: Visit, seeded: Seeded) -> None:
    page = visit("sophie.durand").open("/rapports/evenements")
    page.get_by_label("Événement", exact=True).select_option(label="Incident créé")
    page.get_by_label("Du", exact=True).fill("2020-01-01")
    page.get_by_role("button", name="Appliquer").click()
    expect(page).to_have_url(re.compile("type=IncidentCreated.*from=2020-01-01"))
    expect(page.get_by_role("row", name=re.compile("IncidentCreated")).first).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("ReplySent"))).to_have_count(0)
    page.get_by_role("link", name=re.compile("événement brut")).first.click()
    expect(page).to_have_url(re.compile("#brut-1"))
