"""Amounts as people read them."""


def several(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def seconds(amount: float) -> str:
    """Return a duration: a tenth matters below ten seconds, a second below an hour."""
    if amount < 10:
        return f"{amount:.1f} s"
    minutes, rest = divmod(int(amount), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"


def clock(amount: float) -> str:
    """Return a duration as a stopwatch has it."""
    minutes, rest = divmod(max(0, int(amount)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def thousands(count: int) -> str:
    """Return a count in at most five characters."""
    if count < 1_000:
        return str(count)
    if count < 1_000_000:
        return f"{count / 1_000:.1f}k" if count < 100_000 else f"{count // 1_000}k"
    return f"{count / 1_000_000:.1f}M"


def dollars(amount: float) -> str:
    """Return US dollars; of an amount below a cent as many digits as say something."""
    return f"${amount:.2f}" if amount >= 0.01 or amount == 0 else f"${amount:.4f}"
