"""What an S3 store's words mean, told without repeating them."""

import re
from http import HTTPStatus

from taxi_fare.core.errors import EnvironmentLackError

_REFUSED = {"400", "401", "403"}
_CODE = re.compile(r"<Code>(\w+)</Code>")
# As obstore writes it, and as the SDK of Hadoop does.
_STATUS = re.compile(r"[Ss]tatus [Cc]ode: (\d{3})")
# What obstore and Java say of a certificate.
_CERTIFICATE = re.compile(
    r"InvalidCertificate\W+(\w+)|PKIX path|CertificateException"
    r"|No subject alternative|SSLPeerUnverifiedException"
)
# What a server of one kind, and a client of the other, say of each other.
_OTHER_SCHEME = ("HTTP request to an HTTPS server", "InvalidContentType")
_CORRECT_KEYS = (
    "correct MINIO_ACCESS_KEY and MINIO_SECRET_KEY (or"
    " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)."
)
# What S3 stores answer, and what to do about it.
_REMEDIES = {
    "InvalidAccessKeyId": ("does not know the access key", _CORRECT_KEYS),
    # versitygw's name for it.
    "XAdminUserNotFound": ("does not know the access key", _CORRECT_KEYS),
    "AuthorizationHeaderMalformed": (
        "expects another region or key",
        "set MINIO_REGION (or AWS_REGION) to the store's region.",
    ),
    "SignatureDoesNotMatch": ("refuses the secret key", _CORRECT_KEYS),
    "ExpiredToken": ("refuses keys that have ended", "get new AWS_* keys."),
    "AccessDenied": (
        "refuses access with these keys",
        "allow them to list, read and write there, or use other keys.",
    ),
    "RequestTimeTooSkewed": (
        "refuses this machine's clock",
        "set the clock (timedatectl set-ntp true): it must be right within"
        " 15 minutes.",
    ),
    "NoSuchBucket": (
        "has no such bucket",
        "create the bucket, or correct the address or MINIO_BUCKET_INTERIM.",
    ),
}


def explain(
    words: str, *, url: str, endpoint: str = ""
) -> EnvironmentLackError:
    """Say what an S3 client's words mean, without repeating them."""
    store = f"The S3 store{f' at {endpoint}' if endpoint else ''}"
    code = _CODE.search(words)
    name = code[1] if code else _first_name(words)
    if name in _REMEDIES:
        found, remedy = _REMEDIES[name]
        return EnvironmentLackError(
            f"{store} {found} for {url} ({name}).",
            remedy=remedy,
        )
    if any(each in words for each in _OTHER_SCHEME):
        return EnvironmentLackError(
            f"{store} is not reached in this way for {url}.",
            expected="http:// or https://, as the store speaks it",
            remedy="correct MINIO_ENDPOINT (or AWS_ENDPOINT_URL).",
        )
    status = _STATUS.search(words)
    if not code and status and status[1] in _REFUSED:
        # The answer to a HEAD request has no words.
        return EnvironmentLackError(
            f"{store} refuses the request for {url} (status {status[1]}).",
            remedy=_CORRECT_KEYS,
        )
    answer = code or status
    if answer:
        return EnvironmentLackError(
            f"{store} failed for {url}: {_named(answer[1])}.",
            expected="a store that speaks S3",
            remedy="look into the store's own log, then run it again.",
        )
    return _not_reached(words, store=store, url=url)


def _not_reached(words: str, *, store: str, url: str) -> EnvironmentLackError:
    certificate = _CERTIFICATE.search(words)
    if certificate:
        why = f" ({certificate[1]})" if certificate[1] else ""
        return EnvironmentLackError(
            f"{store} has a certificate that is not trusted{why}, for {url}.",
            expected="one for this name, signed by a known authority",
            remedy="let SSL_CERT_FILE name the authority's certificate, and"
            " Java's trust store hold it (docs/store.md, https).",
        )
    return EnvironmentLackError(
        f"{store} cannot be reached for {url}.",
        expected="an answer within a minute",
        remedy="start it, or correct MINIO_ENDPOINT (or AWS_ENDPOINT_URL).",
    )


def _named(answer: str) -> str:
    """Return a code in words; a number alone says nothing."""
    if not answer.isdigit():
        return answer
    try:
        return f"{HTTPStatus(int(answer)).phrase} (status {answer})"
    except ValueError:
        return f"an answer of no known kind (status {answer})"


def _first_name(words: str) -> str:
    """Hadoop's words have no code, but the name of the SDK's exception."""
    return next((name for name in _REMEDIES if name in words), "")
