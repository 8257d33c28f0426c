"""Libraries of the tests that a run of the program loads first."""

import os
import pathlib

from support import BINARY, SANITIZER_EXIT, environment

FOLDER = pathlib.Path(
    os.environ.get("DCM_PRELOADED_DIR", pathlib.Path(BINARY).resolve().parents[1] / "tests/e2e")
)


def preloaded(library: str, **extra: str) -> dict[str, str]:
    """The environment for a run with `library`, which takes its orders from `extra`."""
    path = FOLDER / f"lib{library}.so"
    if not path.is_file():
        raise AssertionError(f"expected the library {path}, found none: build the target {library}")
    # The sanitizer wants to come first, and need not.
    asan = f"exitcode={SANITIZER_EXIT}:verify_asan_link_order=0"
    return environment(LD_PRELOAD=str(path), **extra) | {"ASAN_OPTIONS": asan}
