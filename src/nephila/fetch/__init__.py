"""Getting bytes."""
