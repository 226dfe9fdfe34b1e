"""`python -m nephila`."""

from nephila.cli.main import run

if __name__ == "__main__":
    run()
