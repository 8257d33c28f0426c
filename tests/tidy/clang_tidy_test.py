#!/usr/bin/env python3
"""clang-tidy finds what it should in a source that its batch includes, as all of ours are looked at."""

import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import clang_tidy  # noqa: E402

# Each wants another way of looking: along a path, at the tree, at names.
SAMPLE = """
namespace dcm::store {
int read_either(bool is_there) {
    int value = 1;
    int* const place = is_there ? &value : nullptr;
    if (place == nullptr) {
        return *place;
    }
    return 0;
}
int BadName() {
    return 1 == 1 ? 2 : 2;
}
}  // namespace dcm::store
"""
FOUND = ["clang-analyzer-core.NullDereference", "readability-identifier-naming", "misc-redundant-expression"]


class SampleTest(unittest.TestCase):
    def test_each_kind_of_check_finds_its_fault(self) -> None:
        clang_tidy.PASSED.mkdir(parents=True, exist_ok=True)
        clang_tidy.build_plugin()
        with tempfile.TemporaryDirectory(dir=clang_tidy.BUILD) as name:
            folder = pathlib.Path(name)
            (folder / "store").mkdir()
            (folder / "store" / "sample.cc").write_text(SAMPLE)
            unit = folder / "unit.cc"
            unit.write_text('#include "store/sample.cc"\n')
            command = {"directory": name, "file": str(unit), "command": f"clang++ -std=c++20 -c {unit}"}
            (folder / "compile_commands.json").write_text(json.dumps([command]))
            clean, findings, _ = clang_tidy.run(str(unit), folder)
        self.assertFalse(clean)
        for check in FOUND:
            self.assertIn(check, findings)


if __name__ == "__main__":
    unittest.main()
