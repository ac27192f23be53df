"""Every error that there is, with made-up fields, and what it looks like: `errors.txt`.

Written anew with `python bindings/python/tests/errors.py`.
"""

import inspect
from pathlib import Path

import dcep_wallet as dcep
from dcep_wallet import Amount, Language

FILE = Path(__file__).with_name("errors.txt")

# What fields are made of, by their name; and `error`, by the case that it is a field of.
REASON = dcep.Reason(code=213, name="certificate-expired", retryable=False)
FIELDS = {
    "age_days": 40,
    "amount": Amount(fen=15_000),
    "asked": Amount(fen=20_000),
    "at_most": Amount(fen=10_000),
    "copy": "wallet.sqlite.damaged-1",
    "demanded": dcep.Assurance.SECURE_ELEMENT,
    "failed": 3,
    "found": 9,
    "in_doubt": Amount(fen=500),
    "known": 4,
    "largest": Amount(fen=12_000),
    "left": Amount(fen=5_000),
    "lifts": dcep.Lift.WAITING(until=dcep.CalendarDay(year=2026, month=11, day=26)),
    "limit": dcep.Limit.PER_DAY,
    "only_at_bank": Amount(fen=700),
    "reason": REASON,
    "room": Amount(fen=1_000),
    "spendable": Amount(fen=10_000),
    "status": 503,
    "version": 2,
    "wait": 60,
    "what": "of the test",
}
INNER = {
    "Open": dcep.OpenError.WrongKey(),
    "Pay": dcep.PayError.NothingAsked(),
    "Transport": dcep.TransportError.TimedOut(),
    "Vault": dcep.VaultError.UserCancelled(),
    "Wallet": dcep.WalletError.Busy(),
}
# The same name, and another type of field.
SPECIAL = {("ReceiveError", "PaymentLimit"): {"limit": Amount(fen=500_000)}}


def families():
    """Every family of errors, by its name."""
    found = {name: getattr(dcep, name) for name in dcep.__all__ if name.endswith("Error")}
    return {name: family for name, family in found.items() if name not in ("DcepError", "InternalError")}


def cases(name, family):
    """Every case of a family, made."""
    for case, kind in vars(family).items():
        if inspect.isclass(kind) and issubclass(kind, family):
            fields = {
                field: INNER[case] if field == "error" else FIELDS[field] for field in kind._fields
            } | SPECIAL.get((name, case), {})
            yield kind(**fields)


def shown(error):
    """What an error looks like to a program, to a log and to a person."""
    retry = "may be asked again" if error.is_retryable else "not to be asked again"
    return "\n".join(
        [
            repr(error),
            f"  {error.code} {error.name}, {retry}",
            f"  {error}",
            f"  {error.sentence(Language.ENGLISH)}",
            f"  {error.sentence(Language.SIMPLIFIED_CHINESE)}",
        ]
    )


def text():
    """The file."""
    blocks = [shown(error) for name, family in sorted(families().items()) for error in cases(name, family)]
    return "\n\n".join([*blocks, shown(dcep.InternalError("on purpose"))]) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(FILE)
