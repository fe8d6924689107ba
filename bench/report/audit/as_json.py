"""What an audit found, for programs."""

from __future__ import annotations

from typing import Any

from bench.analyse.audit.audit import Audit

__all__ = ["audit_fields"]


def audit_fields(found: Audit) -> dict[str, Any]:
    """Teams with their verdicts, and each record that something speaks against with its doubts."""
    return {
        "teams": [
            {"team": team, "records": records, "verdict": found.verdict_of(team)}
            for team, records in found.records.items()
        ],
        "records": [
            {
                **one.where._asdict(),
                "verdict": one.verdict,
                "doubts": [
                    {"code": each.code, "verdict": each.verdict, "sure": each.sure, "evidence": each.evidence}
                    for each in one.doubts
                ],
            }
            for one in found.doubted
        ],
        "notices": found.notices,
    }
