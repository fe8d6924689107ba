"""Work for a forked process that never ends by itself."""

import signal


def rest(connection, _):
    connection.send("awake")
    signal.pause()
