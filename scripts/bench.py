"""Measure the running application: `python -m scripts.bench lists | …`.

A subcommand is a module `scripts/bench_*.py` with a `main(arguments)`; each explains itself by
`python -m scripts.bench NAME --help`.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path


def subcommands() -> dict[str, str]:
    """The measurements by name, each with the first line of its docstring."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        module = importlib.import_module(f"scripts.{path.stem}")
        if hasattr(module, "main"):
            found[path.stem.removeprefix("bench_")] = (module.__doc__ or "").partition("\n")[0]
    return found


def main() -> None:
    names = subcommands()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    listed = "; ".join(f"{name}: {summary}" for name, summary in names.items())
    parser.add_argument("name", choices=names, help=listed)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the measurement's own")
    asked = parser.parse_args()
    importlib.import_module(f"scripts.bench_{asked.name}").main(asked.arguments)


if __name__ == "__main__":
    main()
