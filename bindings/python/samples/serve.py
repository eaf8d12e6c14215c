"""A gateway in front of the workers named on the command line, with its figures every ten seconds.

usage: python serve.py http://10.0.0.1:8000 http://10.0.0.2:8000
"""

import logging
import sys

import smg


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    router = smg.Router(worker_urls=sys.argv[1:], policy="cache_aware", port=30000, log=logging.getLogger("smg"))
    try:
        with router:
            print(f"clients: {router.url}/v1   metrics: port {router.metrics_port}   Ctrl-C ends it")
            while not router.wait(timeout=10):
                stats = router.stats()
                busy = ", ".join(f"{worker['url']} {worker['load']}" for worker in stats["workers"])
                print(f"{stats['requests']['succeeded']} requests answered; in flight: {busy or 'no workers'}")
    except KeyboardInterrupt:
        pass
    except smg.SMGError as error:
        sys.exit(f"serve: {error} ({error.code})")


if __name__ == "__main__":
    main()
