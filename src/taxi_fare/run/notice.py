"""Tell somebody what the watch found, by apprise: mail, chat, and others."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from taxi_fare.core.settings import Settings
from taxi_fare.reports.documents.watch import Watch

_logger = logging.getLogger(__name__)


def addresses_in(settings: Settings) -> str:
    """Return whom the environment names; they are secrets."""
    secret = settings.notify_urls
    return secret.get_secret_value() if secret else ""


def tell(document: Watch, addresses: str, *, on: str = "look") -> None:
    """
    Send a notice where somebody is to be told.

    Parameters
    ----------
    on : {'look', 'act', 'always'}
        From which verdict on.
    """
    if not addresses or not (on == "always" or document.at_least(on)):
        return
    if find_spec("apprise") is None:
        _logger.warning("Nobody was told: the extra `notify` is missing.")
        return
    send_notice(document, addresses)


def send_notice(document: Watch, addresses: str) -> bool:
    """
    Send verdict and reasons; what fails is told, and changes nothing.

    Parameters
    ----------
    addresses : str
        As apprise knows them, with commas or spaces between; they hold keys,
        and are in no message.

    Returns
    -------
    bool
        Whether all of them have it.
    """
    from apprise import Apprise, NotifyType

    kind = {
        "ok": NotifyType.SUCCESS,
        "look": NotifyType.WARNING,
        "act": NotifyType.FAILURE,
    }[document.verdict]
    title = f"taxi-fare: {document.month} {document.verdict}"
    with _quiet():
        receivers = Apprise()
        understood = receivers.add(addresses)
        sent = [
            _sent(each, title, _body(document), kind) for each in receivers
        ]
    if not understood:
        _logger.warning("An address of --notify is none that apprise knows.")
    if not all(sent):
        _logger.warning(
            "The notice did not reach %d of %d receivers.",
            sent.count(False),
            len(sent),
        )
    return bool(understood) and bool(sent) and all(sent)


def _body(document: Watch) -> str:
    model = document.model
    by = f"Model {model.model_id}." if model else "No model in production."
    lines = [*document.reasons, *document.notes] or ["Nothing moved."]
    simulated = ["Simulated trips."] if document.simulated else []
    return "\n".join([by, *(f"- {line}" for line in lines), *simulated])


def _sent(receiver: object, title: str, body: str, kind: object) -> bool:
    try:
        send = receiver.notify  # type: ignore[attr-defined]
        return bool(send(title=title, body=body, notify_type=kind))
    except Exception:
        # Its words may hold the address.
        return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Let nobody log or warn: lines of libraries hold addresses."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        # Plug-ins of apprise import what Python is going to remove.
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(before)
