"""Training of the models of `nephila.extract.main_content`."""
