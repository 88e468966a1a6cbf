"""The outside world on a laptop: for now, WeCom's scan page and the bridge's login."""
