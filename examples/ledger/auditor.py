"""Adds up what was booked. It may read two columns, and nobody's name or balance."""

from wasm_agent import NotGranted, log, on, sql

ledger = sql.open("ledger")
CURIOUS = (
    "SELECT owner, balance FROM accounts",
    "SELECT amount FROM bookings WHERE payer = 'shop'",
    "SELECT amount FROM bookings UNION SELECT balance FROM accounts",
    "WITH moved AS (SELECT balance FROM accounts) SELECT balance FROM moved",
)


@on("booked")
def booked(message):
    """Logs what each clerk booked, and what it may not see."""
    for row in ledger.query(
        "SELECT clerk, count(*) AS bookings, sum(amount) AS total FROM bookings "
        "GROUP BY clerk ORDER BY clerk"
    ):
        log.info(f"{row.clerk}: {row.bookings} bookings, {row.total} in all")
    for statement in CURIOUS:
        try:
            ledger.query(statement)
        except NotGranted as refused:
            log.info(refused.detail)
