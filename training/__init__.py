"""Programs that fit the coefficients shipped in the package; they need a folder of annotated pages."""
