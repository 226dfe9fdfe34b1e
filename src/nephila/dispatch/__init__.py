"""Many visits: slots, pacing, memory, back-pressure."""
