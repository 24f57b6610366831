"""Make the key file of an installation: `python -m scripts.keys create FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from wxbackend.gateways.key_ring import create_key_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="write fresh random keys; never over a file")
    create.add_argument("file", type=Path)
    arguments = parser.parse_args()
    try:
        create_key_file(arguments.file)
    except FileExistsError:
        raise SystemExit(f"{arguments.file} exists already and was left as it is") from None
    print(f"{arguments.file} written; keep a copy apart from the database")


if __name__ == "__main__":
    main()
