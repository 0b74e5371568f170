"""Put this folder and the one above it on PYTHONPATH, and a process opens no socket abroad."""

import network_guard

network_guard.install()
