"""The marks that a peer stores: as bench/projecting.py has them, for interpreters without this project's packages."""

NOTE = (
    "Evidence reviewed against the ruleset in force on the day of submission: papers complete, site visit confirmed "
    "by the commune, samples sealed and handed to the council secretary for scoring; see annex two of the decision."
)


def payload(n: int) -> dict:
    return {
        "dossier_id": f"D-{n:012d}", "producer": f"producer-{n % 9345:05d}", "criterion": n % 26, "option": n % 104,
        "score": n % 41 / 2, "member": f"council-member-{n % 11:02d}",
        "at": f"2026-05-{n % 28 + 1:02d}T08:{n % 60:02d}:00Z", "note": NOTE,
    }  # fmt: skip
