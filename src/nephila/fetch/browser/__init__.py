"""Pages rendered by a real browser, driven through Playwright."""
