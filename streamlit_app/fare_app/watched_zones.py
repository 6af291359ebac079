"""The map of the watch: which zones have more trips than before."""

import streamlit as st

from fare_app.artefacts import Document
from fare_app.month_profiles import month_profile, references
from fare_app.page import App, choose_one
from fare_app.zone_changes import (
    ZoneShare,
    zone_changes,
    zone_rows,
    zone_shares,
)
from fare_app.zone_choice import ENDS, choose_zone
from taxi_fare.core.months import Month
from taxi_fare.core.zones import zones


def show_zones(app: App, watch: Document) -> None:
    """
    Show where the trips of a month begin or end, beside a reference.

    Parameters
    ----------
    app : App
        The page.
    watch : dict
        Of the month.
    """
    words = app.words
    profile = month_profile(app, watch["month"])
    kinds = (profile or {}).get("categories", {})
    known = {
        end: words(f"quote.{end}")
        for end, column in ENDS.items()
        if column in kinds
    }
    if not known:
        return
    st.subheader(words("watch.zones"))
    end = choose_one(words("map.end"), known, key="watched_end")
    column = ENDS[end]
    found = {
        name: each["categories"][column]
        for name, each in references(app, watch).items()
        if column in each.get("categories", {})
    }
    names = [watch["month"]]
    before, what = None, "share"
    if found:
        called = {name: _called(app, name, watch) for name in found}
        name = choose_one(
            words("watch.reference"),
            called,
            key="watched_reference",
        )
        before = found[name]
        names.append(called[name])
        what = choose_one(
            words("map.colour"),
            {
                "change": words("map.points"),
                "share": words("map.share_now"),
            },
            key="watched_colour",
        )
    shares = zone_shares(kinds[column], before)
    shown = zone_changes(shares, words, what=what)
    zone = choose_zone(app, shown, key="watched")
    _told(app, shares, names=names, zone=zone)


def _called(app: App, name: str, watch: Document) -> str:
    """Name a reference, with its month where that is not said above."""
    text = app.words(f"watch.{name}")
    if name != "month_before":
        return text
    return f"{text} ({Month(watch['month']).plus(-1)})"


def _told(
    app: App,
    shares: dict[int, ZoneShare],
    *,
    names: list[str],
    zone: int | None,
) -> None:
    """Tell every zone, or the one that was chosen."""
    words = app.words
    if zone is not None:
        each = shares[zone]
        app.say(
            "watch.zone_now",
            zone=str(zones()[zone]),
            trips=words.number(each.trips),
            share=words.percent(each.now, 2),
            month=names[0],
        )
        if each.before is not None:
            app.say(
                "watch.zone_before",
                share=words.percent(each.before, 2),
                reference=names[1],
                points=words.number(each.points, digits=2, sign=True),
            )
    rows = zone_rows(shares, names=names, words=words, chosen=zone)
    app.table(rows, hide_index=True)
    if zone is None:
        app.note("watch.zones_note")
