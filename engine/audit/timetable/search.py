"""A run of the solver that Ctrl-C ends as an interruption, never as a result.

Left to itself the solver takes SIGINT for "stop and give what you have", which cannot be told from the end of the
effort: a worse plan would pass for the best within it. So it does not listen; it runs beside the thread that does.
"""

from threading import Event, Thread
from typing import Any

LOOK = 0.1
"""Seconds between two looks, where waiting itself cannot be interrupted."""


def search(solver: Any, model: Any) -> Any:
    """The status of the solver's run; raises KeyboardInterrupt once the run it cut short has ended."""
    solver.parameters.catch_sigint_signal = False
    done, status, failed = Event(), [], []

    def run() -> None:
        try:
            status.append(solver.solve(model))
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()

    Thread(target=run, name="audit plan", daemon=True).start()
    try:
        while not done.wait(LOOK):
            pass
    except KeyboardInterrupt:
        while not done.wait(LOOK):
            solver.stop_search()
        raise
    if failed:
        raise failed[0]
    return status[0]
