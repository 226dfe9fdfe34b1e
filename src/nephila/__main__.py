"""`python -m nephila` is the `nephila` command."""

from nephila.cli.main import run

if __name__ == "__main__":
    run()
