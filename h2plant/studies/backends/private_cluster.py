"""A Dask cluster on this machine that nobody else can use: every port of it asks for its own certificate.

Dask's own local cluster listens in the clear, and whoever connects may have it run code; beside that, its scheduler
and each worker serve pages. Here all of them speak TLS with a certificate made for this cluster, which is in memory
only, and serve no pages.
"""

from __future__ import annotations

import logging
from typing import Any

from distributed import Nanny, Scheduler, Security, SpecCluster, Worker


class _Scheduler(Scheduler):
    def start_http_server(self, *_arguments: Any, **_more: Any) -> None:
        """Serve no pages."""


class _Worker(Worker):
    def start_http_server(self, *_arguments: Any, **_more: Any) -> None:
        """Serve no pages."""


def private_cluster(n_workers: int) -> Any:
    """Return a cluster of processes with one thread each, started; close it as a context manager.

    Raises
    ------
    ImportError
        The package ``cryptography``, which makes the certificate, is not installed.
    """
    security = Security.temporary()
    place = {"protocol": "tls://", "host": "127.0.0.1", "security": security, "dashboard": False}
    worker = {
        "cls": Nanny,
        "options": {
            **place,
            "worker_class": _Worker,
            "nthreads": 1,
            "memory_limit": 0,
            "silence_logs": logging.CRITICAL,
        },
    }
    return SpecCluster(
        scheduler={"cls": _Scheduler, "options": {**place, "port": 0}},
        workers=dict.fromkeys(range(n_workers), worker),
        security=security,
        silence_logs=logging.CRITICAL,
    )
