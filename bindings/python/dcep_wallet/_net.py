"""What leaves a callback of the platform, and where it goes.

The wallet hears a declared error as it is, and anything else as "unavailable": no text of a foreign exception crosses
into it. On this side nothing is lost: the exception is the `__cause__` of the error that the call raises.

What is no `Exception` (Ctrl-C, `sys.exit`) is meant for the whole program, and is raised again as itself as soon as the
wallet has brought its call to an end. If the call succeeds all the same (a card always answers, an observer does not
matter), the exception is logged; and Ctrl-C is handed on to the main thread.
"""

import _thread
import logging
import threading

_LOG = logging.getLogger("dcep_wallet")
_held = threading.local()


def caught(exception):
    """A callback on this thread was left by this."""
    _held.exception = exception


def begin():
    """A call into the wallet begins. A callback may make one, too: what the outer call holds is kept for it."""
    before = getattr(_held, "exception", None)
    _held.exception = None
    return before


def failed(error, before):
    """The call raised `error`: raises it with its cause, or what was meant for the whole program."""
    cause, _held.exception = getattr(_held, "exception", None), before
    if cause is None or cause is error:
        raise error
    if isinstance(cause, Exception):
        raise error from cause
    raise cause from error


def succeeded(before):
    """The call did what it should, whatever its callbacks did: nothing comes of that, but it is not hushed up."""
    cause, _held.exception = getattr(_held, "exception", None), before
    if cause is None:
        return
    if isinstance(cause, KeyboardInterrupt):
        _thread.interrupt_main()
    else:
        _LOG.warning("a callback failed, and nothing came of it", exc_info=cause)
