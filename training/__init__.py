"""How the coefficients that come with the package are made."""
