"""Run the schedule (notifications, identity results, expiry) until stopped."""

from __future__ import annotations

import argparse
import gc
import signal
import threading

from wxbackend.app import create_app, settings_from_environment
from wxbackend.config.loading import ConfigurationError
from wxbackend.jobs.running import RunningJobs


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        settings = settings_from_environment()
    except ConfigurationError as error:
        raise SystemExit(str(error)) from None
    app = create_app(settings, with_web=False)
    # What is there now stays for ever: the collector need not walk over it again and again.
    gc.collect()
    gc.freeze()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    running = RunningJobs(
        app.app_context,
        app.extensions["wxbackend"],
        sending_threads=settings.jobs.sending_threads,
        watch_every=settings.jobs.watch_every,
    )
    running.start()
    stop.wait()
    running.stop()  # what is being sent is finished and written down


if __name__ == "__main__":
    main()
