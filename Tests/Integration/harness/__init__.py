"""Real processes, real sockets: what the integration tests start, talk to and look at."""
