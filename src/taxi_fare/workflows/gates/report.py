"""What a gate says, and the reports that gates look at."""

from dataclasses import dataclass
from typing import Any

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import (
    DataRefusedError,
    ModelRefusedError,
    TaxiFareError,
)
from taxi_fare.core.gates import GateCheck, failures
from taxi_fare.core.manifest import GateResult
from taxi_fare.reports.documents.printed import GateFindings, GateName

_REMEDIES = {
    "data": "look at the counts by rule; ingest the month again, or leave it"
    " out with --train-months.",
    "model": "look at error_summary.json and at the data it was trained on.",
    "predictions": "look at predict_report.json; do not hand the predictions"
    " out, or predict with another model (`taxi-fare registry rollback`).",
}


@dataclass(frozen=True)
class GateReport:
    """
    What a gate found.

    Parameters
    ----------
    name : {'data', 'model', 'predictions'}
        Which gate.
    question : str
        What it answers.
    subject : str
        What was looked at.
    checks : tuple of GateCheck
        Every limit, in the order of the specification.
    simulated : bool
        Whether trips are simulated.

    Examples
    --------
    >>> from taxi_fare.core.gates import GateCheck
    >>> check = GateCheck("rmse", value=4.2, sign="<", limit=10.0)
    >>> GateReport(
    ...     "model",
    ...     question="May this model exist?",
    ...     subject="2023-04",
    ...     checks=(check,),
    ...     simulated=True,
    ... ).passed
    True
    """

    name: GateName
    question: str
    subject: str
    checks: tuple[GateCheck, ...]
    simulated: bool

    @property
    def passed(self) -> bool:
        """Whether every limit is kept."""
        return all(check.passed for check in self.checks)

    def to_document(self) -> dict[str, Any]:
        """
        Return the report for ``--json``.

        Returns
        -------
        dict
            With the header of every report.
        """
        return GateFindings(
            **report_header(new_run_id(), simulated=self.simulated),
            gate=self.name,
            question=self.question,
            subject=self.subject,
            passed=self.passed,
            checks=tuple(
                GateResult(**each.to_document()) for each in self.checks
            ),
        ).to_document()

    def error(self) -> TaxiFareError:
        """
        Return the error that a gate which is not passed ends in.

        Returns
        -------
        TaxiFareError
            Names every limit that is missed.
        """
        kind: type[TaxiFareError]
        kind = DataRefusedError if self.name == "data" else ModelRefusedError
        return kind(
            f"The gate on {self.name} is not passed ({self.subject}):"
            f" {'; '.join(failures(self.checks))}",
            expected="every limit of conf/taxi_fare.toml to be kept",
            remedy=_REMEDIES[self.name],
        )
