"""Quote a ride: the total, what is like it, and what drives it."""

from pathlib import Path

import pandas as pd
import streamlit as st

from fare_app import charts
from fare_app.artefacts import DamagedError, load_predictor
from fare_app.models import version_folder
from fare_app.page import App, choose_one, needs
from fare_app.price_curves import by_hour, by_miles, curve_chart
from fare_app.ride_form import ask_for_ride
from fare_app.ride_length import refusal
from fare_app.ride_notes import ride_warnings
from fare_app.rides import ENOUGH, quartiles, similar_trips
from fare_app.versions_beside import LAST_RIDE
from fare_app.words import MISSING, literal, plain
from fare_app.zone_choice import known_rings
from fare_app.zone_map import route_map
from taxi_fare.core.columns import LABEL
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.settings import load_settings
from taxi_fare.scoring.explanation import Explanation
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.price import Price, price_ride
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore

_HALF_A_CENT = 0.005
_SHOWN_STEPS = 7
_LAST = 5

# On a phone the fields fill the screen: the price stays at its lower edge.
_IN_VIEW = """<style>
@media (max-width: 640px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-price) {
    position: sticky; bottom: 0; z-index: 10;
  }
  .st-key-price { background: Canvas; padding: 0.25rem 0; }
  .st-key-price [data-testid="stHorizontalBlock"] {
    flex-wrap: nowrap; gap: 0.25rem;
  }
  .st-key-price [data-testid="stColumn"] {
    min-width: 0; flex: 1 1 0 !important;
  }
  .st-key-price [data-testid="stMetric"] { padding: 0 !important; }
  .st-key-price [data-testid="stMetric"] > div { padding: 0.25rem 0.5rem; }
  .st-key-price [data-testid="stMetricValue"] { font-size: 1.25rem; }
}
</style>"""


def show(app: App) -> None:
    """
    Show the page.

    Parameters
    ----------
    app : App
        The page.
    """
    app.title("quote")
    try:
        folder = _model_folder(app)
        if folder is None:
            return
        predictor = load_predictor(folder)
    except TaxiFareError as error:
        words = app.words("quote.no_price", found=literal(error.summary))
        st.warning(plain(words))
        # Without it the run is recognised as done, and left as it is.
        again = f"{app.command('registry')} --force"
        st.code(again, language="bash", wrap_lines=True)
        return
    asked = ask_for_ride(app, predictor)
    longest = load_settings().validation.duration_max_minutes
    refused = refusal(asked, longest=longest, words=app.words)
    if refused is not None:
        st.error(plain(refused), icon=":material/block:")
        return
    try:
        price = price_ride(asked, predictor)
    except TaxiFareError as error:
        st.error(plain(literal(error)))
        return
    ride, why = price.ride, price.explanation
    st.session_state[LAST_RIDE] = asked
    _price(app, ride=ride, why=why)
    coverage = _interval(app, price)
    typical = app.words.dollars(price.typical_error)
    app.note(f"quote.{price.kind}", error=typical)
    _warnings(app, price, predictor)
    _route(app, ride)
    st.subheader(app.words("quote.similar"))
    _similar(app, ride, why.prediction)
    st.subheader(app.words("quote.drivers"))
    _drivers(app, why)
    st.subheader(app.words("quote.curves"))
    _curves(app, asked, predictor=predictor, price=price, coverage=coverage)
    _last_quotes(app, price, coverage)
    app.note("quote.by", model=predictor.model_id)


def _model_folder(app: App) -> Path | None:
    """Return the model in production, else the legacy one."""
    try:
        state = app.artefact("registry")
    except DamagedError as error:
        app.damaged("registry", str(error))
        return None
    if state is not None and state.current:
        return version_folder(state.current, app.places)
    legacy = app.places.legacy_model
    if legacy is not None and legacy.exists():
        return legacy
    app.missing("registry")
    return None


def _price(app: App, *, ride: Ride, why: Explanation) -> None:
    words, total = app.words, why.prediction
    st.html(_IN_VIEW)
    with st.container(key="price"):
        cells = st.columns([2, 1, 1])
    cells[0].metric(
        words("quote.total"), plain(words.dollars(total)), border=True
    )
    cells[1].metric(
        words("quote.per_mile"),
        plain(words.dollars(total / ride.distance if ride.distance else None)),
        border=True,
    )
    cells[2].metric(
        words("quote.per_minute"),
        plain(words.dollars(total / ride.minutes)),
        border=True,
    )


def _interval(app: App, price: Price) -> int:
    """Let the reader choose how sure the interval is to be, and tell it."""
    words, usual = app.words, load_settings().prediction.interval
    stated = [*price.intervals]
    if not stated:
        return usual
    coverage = int(
        choose_one(
            words("quote.coverage"),
            {str(each): f"{each} %" for each in stated},
            key="coverage",
            first=str(usual if usual in stated else stated[0]),
        )
    )
    low, high = map(words.dollars, price.intervals[coverage])
    app.say("quote.interval", stated=coverage, low=low, high=high)
    return coverage


def _route(app: App, ride: Ride) -> None:
    ends = ride.pickup, ride.dropoff
    figure = route_map(*ends, words=app.words, rings=known_rings())
    if figure is not None:
        told = {"pickup": str(ends[0]), "dropoff": str(ends[1])}
        alt = app.words("map.route_alt", **told)
        app.chart(figure, key="route", alt=alt)


def _warnings(app: App, price: Price, predictor: FarePredictor) -> None:
    lines = [f"- {each}" for each in ride_warnings(app, price, predictor)]
    if lines:
        text = "\n".join([app.words("quote.mind"), *lines])
        st.warning(plain(text), icon=":material/warning:")


def _curves(
    app: App,
    asked: Ride | RideBefore,
    *,
    predictor: FarePredictor,
    price: Price,
    coverage: int,
) -> None:
    words = app.words
    miles = by_miles(price.ride, predictor, coverage=coverage)
    hours = by_hour(asked, predictor, coverage=coverage)
    curves = {
        "miles": (miles, words("quote.distance")),
        "hour": (hours, words("quote.hour")),
    }
    tabs = st.tabs([words(f"quote.by_{name}") for name in curves])
    for tab, (name, (curve, x)) in zip(tabs, curves.items(), strict=True):
        least, most = curve.prices.dollars.min(), curve.prices.dollars.max()
        with tab:
            app.chart(
                curve_chart(curve, words=words, x=x),
                key=f"price_by_{name}",
                alt=words(
                    "quote.curve_alt",
                    by=words(f"quote.by_{name}"),
                    least=words.dollars(least),
                    most=words.dollars(most),
                ),
            )
            app.note(f"quote.by_{name}_note")


def _last_quotes(app: App, price: Price, coverage: int) -> None:
    """Show what was asked before, beside each other: of this reader alone."""
    words, ride = app.words, price.ride
    likely = MISSING
    if coverage in price.intervals:
        low, high = map(words.dollars, price.intervals[coverage])
        likely = words("quote.likely_of", stated=coverage, low=low, high=high)
    row = (
        f"{ride.pickup} → {ride.dropoff}",
        words(f"weekday.{ride.at.weekday()}") + f" {ride.at:%H:00}",
        words.number(ride.distance, digits=1),
        words.number(ride.minutes),
        words.dollars(price.explanation.prediction),
        likely,
    )
    asked = st.session_state.setdefault("last_quotes", [])
    if row not in asked:
        asked.insert(0, row)
        del asked[_LAST:]
    if len(asked) < 2:
        return
    st.subheader(words("quote.last"))
    names = ("way", "when", "distance", "minutes", "total", "likely")
    headings = [words(f"quote.{name}") for name in names]
    app.table(
        [dict(zip(headings, each, strict=True)) for each in asked],
        hide_index=True,
    )


@needs("eda_sample")
def _similar(app: App, sample: pd.DataFrame, ride: Ride, price: float) -> None:
    words, found = app.words, similar_trips(ride, sample)
    alike, count = words(f"alike.{found.alike}"), len(found.trips)
    if count < ENOUGH:
        app.say("quote.too_few", count=count, alike=alike, least=ENOUGH)
        return
    low, middle, high = quartiles(found.trips)
    app.say(
        "quote.quartiles",
        count=words.number(count),
        alike=alike,
        low=words.dollars(low),
        middle=words.dollars(middle),
        high=words.dollars(high),
    )
    totals = found.trips[LABEL]
    first, last = totals.quantile([0.01, 0.99])
    room = 0.15 * max(last - first, 1)
    limits = min(first, price) - room, max(last, price) + room
    figure = charts.histogram(
        totals,
        words=words,
        x=words("chart.paid_dollars"),
        limits=(max(0.0, limits[0]), limits[1]),
        bins=30,
    )
    figure.add_vrect(
        x0=low, x1=high, fillcolor=charts.GREY, opacity=0.2, line_width=0
    )
    charts.mark(
        figure,
        value=price,
        text=words("quote.this_ride", price=words.dollars(price)),
        colour=charts.ORANGE,
    )
    app.chart(
        figure,
        key="similar",
        alt=words(
            "quote.similar_alt",
            low=words.dollars(low),
            high=words.dollars(high),
            price=words.dollars(price),
        ),
    )
    app.note("quote.band")


def _drivers(app: App, why: Explanation) -> None:
    words = app.words
    app.say(
        "quote.from_any_ride",
        base=words.dollars(why.base),
        price=words.dollars(why.prediction),
    )
    added = sorted(why.contributions.items(), key=lambda each: -abs(each[1]))
    told = [each for each in added if abs(each[1]) >= _HALF_A_CENT]
    steps = {
        words.feature(name): dollars for name, dollars in told[:_SHOWN_STEPS]
    }
    rest = sum(why.contributions.values()) - sum(steps.values())
    if abs(rest) >= _HALF_A_CENT:
        steps[words("quote.others")] = rest
    app.chart(
        charts.drivers(steps, words),
        key="drivers",
        alt="; ".join(
            f"{name}: {words.dollars(value, sign=True)}"
            for name, value in steps.items()
        ),
    )
    app.note("quote.drivers_note")
