"""`python -m docs.samples`: write every sample report as JSON, the same bytes each time."""

from docs.samples.reports import FOLDER, SAMPLES


def main() -> None:
    """Write one file per sample."""
    for name, make in SAMPLES.items():
        path = FOLDER / f"{name}.json"
        path.write_text(make().model_dump_json(indent=2) + "\n", encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
