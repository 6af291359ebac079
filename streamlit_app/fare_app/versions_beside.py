"""Two versions of the registry side by side."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from fare_app import charts
from fare_app.artefacts import DamagedError, Document, load_predictor
from fare_app.decisions import changes
from fare_app.models import read_version, version_folder
from fare_app.page import IN_ADDRESS, App
from fare_app.words import MISSING, Words, literal, plain
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.metrics import METRICS, compared_in
from taxi_fare.core.zones import zones
from taxi_fare.registry.records import HistoryEntry, RegistryState
from taxi_fare.scoring.price import price_ride
from taxi_fare.scoring.ride import Ride

# Features that are told, those that matter most.
_MOST = 5
# The ride that the quote last priced, in the session of its reader.
LAST_RIDE = "last_ride"
# Where none was: from Midtown Center to the Upper East Side.
_FROM, _TO, _MILES, _MINUTES = 161, 236, 2.0, 14.0


def show_beside(app: App, state: RegistryState) -> None:
    """
    Show two versions that the reader chooses.

    Parameters
    ----------
    app : App
        The page.
    state : RegistryState
        The registry.
    """
    names = list(
        dict.fromkeys(entry.model_id for entry in reversed(state.history))
    )
    # Side by side on a desk, below each other on a phone.
    cells = st.columns(2)
    words = app.words
    first = cells[0].selectbox(
        words("registry.version"),
        names,
        index=0,
        key="beside_first",
        bind=IN_ADDRESS,
    )
    second = cells[1].selectbox(
        words("registry.other"),
        names,
        index=min(1, len(names) - 1),
        key="beside_second",
        bind=IN_ADDRESS,
    )
    known = {name: _manifest(app, name) for name in (first, second)}
    manifests = {name: each for name, each in known.items() if each}
    if len(known) > 1:
        _same_trips(app, state, manifests=known)
    if not manifests:
        return
    st.table(
        pd.DataFrame(
            {
                literal(name): [
                    literal(x) for x in _facts(each, words).values()
                ]
                for name, each in manifests.items()
            },
            index=[*_facts(next(iter(manifests.values())), words)],
        )
    )
    if len({each["data"]["test_month"] for each in manifests.values()}) > 1:
        app.note("registry.other_months")
    if len(manifests) > 1:
        _importance(app, manifests)
        _same_ride(app, [*manifests])


def _importance(app: App, manifests: Mapping[str, Document]) -> None:
    words = app.words
    shares = {
        name: each["feature_importance"] for name, each in manifests.items()
    }
    together = Counter[str]()
    for each in shares.values():
        together.update(each)
    ordered = [name for name, _ in together.most_common()]
    figure = charts.beside(
        {
            name: [100 * each.get(feature, 0.0) for feature in ordered]
            for name, each in shares.items()
        },
        names=[words.feature(feature) for feature in ordered],
        words=words,
        x=words("quality.importance_axis"),
    )
    alt = words("registry.importance_alt", names=", ".join(shares))
    app.chart(figure, key="importance_beside", alt=alt)


def _same_ride(app: App, names: Sequence[str]) -> None:
    """Price the ride that was last asked for on the quote by each."""
    words = app.words
    ride = st.session_state.get(LAST_RIDE) or _usual_ride()
    prices = []
    for name in names:
        try:
            predictor = load_predictor(version_folder(name, app.places))
            prices.append(price_ride(ride, predictor).explanation.prediction)
        except TaxiFareError:
            app.note("registry.no_price", model=name)
            return
    told = [
        f"**{literal(words.dollars(price))}** ({literal(name)})"
        for name, price in zip(names, prices, strict=True)
    ]
    way = literal(f"{ride.pickup} → {ride.dropoff}")
    st.markdown(
        plain(words("registry.same_ride", way=way, prices=", ".join(told)))
    )


def _usual_ride() -> Ride:
    return Ride(
        zones()[_FROM],
        zones()[_TO],
        distance=_MILES,
        minutes=_MINUTES,
        at=datetime(2023, 6, 14, 18),
    )


def _manifest(app: App, name: str) -> Document | None:
    try:
        manifest = read_version(name, app.places)
    except DamagedError as error:
        st.warning(plain(literal(error)), icon=":material/warning:")
        return None
    if manifest is None:
        app.say("registry.pruned", model=name)
    return manifest


def _facts(manifest: Mapping[str, Any], words: Words) -> dict[str, str]:
    data, importance = manifest["data"], manifest["feature_importance"]
    most = sorted(importance, key=importance.get, reverse=True)[:_MOST]
    kept = sum(bool(each["passed"]) for each in manifest["gates"])
    return {
        words("registry.train"): f"{words.months(data['train_months'])}"
        f" ({words.number(data['train_rows'])})",
        words("registry.test"): f"{data['test_month']}"
        f" ({words.number(data['test_rows'])})",
        words("quality.recipe"): manifest["recipe"]["name"],
        words("registry.parameters"): ", ".join(
            f"{name} {value}"
            for name, value in manifest["recipe"]["parameters"].items()
        ),
        **{
            each.title: words(
                "registry.of_month",
                figure=words.metric(each, manifest["metrics"]),
                month=data["test_month"],
            )
            for each in METRICS.values()
        },
        words("registry.before_the_ride"): words.metrics(
            manifest.get("before_the_ride") or {}
        )
        or MISSING,
        words("quality.gate"): f"{kept} / {len(manifest['gates'])}",
        words("registry.importance"): ", ".join(
            f"{words.feature(name)} {words.percent(importance[name], 0)}"
            for name in most
        ),
    }


def _same_trips(
    app: App,
    state: RegistryState,
    *,
    manifests: Mapping[str, Document | None],
) -> None:
    """Show what both did on the same trips, where one was judged by it."""
    words, names = app.words, [*manifests]
    judged = {
        (each.model_id, each.compared_with): each
        for each in state.history
        if each.current_metrics
        and {each.model_id, each.compared_with} == {*names}
    }
    for entry in judged.values():
        figures = {
            entry.model_id: entry.metrics,
            entry.compared_with: entry.current_metrics,
        }
        st.markdown(plain(words("registry.judged", month=entry.test_month)))
        shown = compared_in(entry.metrics, entry.current_metrics or {})
        st.table(
            pd.DataFrame(
                {
                    literal(name): [
                        literal(words.metric(each, figures[name] or {}))
                        for each in shown
                    ]
                    for name in names
                },
                index=[each.title for each in shown],
            )
        )
        _evidence(app, entry, manifest=manifests[entry.model_id])
    if not judged and all(manifests.values()):
        app.say("registry.not_judged")
        command = ("taxi-fare registry compare", *names, "--month …")
        options = app.places.options(registry=True, reports=False)
        st.code(" ".join(command) + options, language="bash", wrap_lines=True)


def _evidence(
    app: App, entry: HistoryEntry, *, manifest: Document | None
) -> None:
    """Say how sure it is; a history of before does not hold it."""
    promotion = (manifest or {}).get("promotion") or {}
    gains = entry.to_document().get("gains") or (
        promotion.get("evidence") or {}
    ).get("gains")
    if gains:
        how = changes(gains, app.words)
        app.note("registry.compared", month=entry.test_month, how=how)
