"""Books payments: each is one statement, so that a payment is made whole or not at all."""

from wasm_agent import Constraint, NotGranted, context, log, on, send, sql

ledger = sql.open("ledger")


@on("payments")
def payments(message):
    """Books each of a list of payments, and tells the auditor."""
    for payer, payee, amount in message.json():
        try:
            booked = ledger.first(
                "INSERT INTO bookings(payer, payee, amount, clerk) SELECT ?, a.name, ?, ? "
                "FROM accounts a WHERE a.name = ? RETURNING id",
                payer, amount, context.address, payee,
            )  # fmt: skip
        except Constraint as refused:
            log.warning(f"{payer} cannot pay {amount}: {refused.detail}")
            continue
        said = f"booking {booked.id}" if booked else f"no account {payee}"
        log.info(f"{payer} pays {payee} {amount}: {said}")
    try:
        ledger.execute("UPDATE accounts SET balance = balance + 1000 WHERE name = 'shop'")
    except NotGranted as refused:
        log.info(str(refused))
    send("auditor", "booked")
