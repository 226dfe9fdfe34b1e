"""What the user says: one small dataclass per concern, joined in the configs."""
