#!/usr/bin/env python3
"""Each rule of check.py finds its fault and leaves the neighbouring good sample alone."""

import contextlib
import os
import tempfile
import unittest

from check import LINES_MAX, LONGER_FILES, check_text, main, unbuilt

# Cut in two, so that this file passes the rules itself.
WORK_PATH = "/wo" + "rk/main"
MARK = "FIX" + "ME"
ADR_MARK = "TO" + "DO"
STAR = "SELECT" + " *"
SLEEP = "sleep" + "_for"

# (rule, path, text): the rule must find exactly one fault.
BAD = [
    ("size", "store/a.cc", "\n" * (LINES_MAX + 1)),
    ("pragma-once", "base/a.h", "namespace dcm {}\n"),
    ("module", "base/a.cc", '#include "rules/parse.h"\n'),
    ("module", "billing/a.cc", '#include "store/database.h"\n'),
    ("module", "rules/a.cc", '#include "audit/tree.h"\n'),
    ("module", "store/a.cc", '#include "consumer/decode.h"\n'),
    ("module", "migrations/a.cc", '#include "store/database.h"\n'),
    ("module", "tests/audit/a_test.cc", '#include "billing/rating.h"\n'),
    ("library", "store/a.cc", "#include <nats/nats.h>\n"),
    ("library", "cli/a.cc", "#include <nats.h>\n"),
    ("library", "cli/a.cc", "#include <soci/soci.h>\n"),
    ("library", "consumer/a.cc", "#include <sqlite3.h>\n"),
    ("library", "store/a.cc", "#include <yaml-cpp/yaml.h>\n"),
    ("library", "billing/a.cc", "#include <openssl/evp.h>\n"),
    ("pure", "billing/a.cc", "#include <fstream>\n"),
    ("pure", "rules/a.cc", "#include <thread>\n"),
    ("pure", "audit/a.cc", "#include <random>\n"),
    ("pure", "base/a.cc", "#include <sys/socket.h>\n"),
    ("pure", "base/a.cc", "auto now = std::chrono::system_clock::now();\n"),
    ("pure", "billing/a.cc", 'const char* zone = std::getenv("TZ");\n'),
    ("pure", "billing/a.cc", 'run("SELECT seq FROM audit_log");\n'),
    ("float", "billing/a.cc", "const double cost = 1;\n"),
    ("float", "rules/a.cc", "return std::stod(text);\n"),
    ("float", "migrations/sqlite/0001_a.sql", "CREATE TABLE line (cost REAL) STRICT;\n"),
    ("unfinished", "cli/a.cc", f"// {MARK}: later\n"),
    ("unfinished", "scripts/dev", f"# {ADR_MARK}: later\n"),
    ("comment", "cli/a.cc", "// A " + "helper" + " for the others.\n"),
    ("comment", "cli/a.cc", "// XX" + "X: odd.\n"),
    ("comment", "tests/e2e/a.py", "x = 1  # see " + "issue 12\n"),
    ("machine-path", "tests/e2e/a.py", f'ROOT = "{WORK_PATH}"\n'),
    ("using-namespace", "cli/a.cc", "using namespace std;\n"),
    ("output", "store/a.cc", 'std::cout << "done";\n'),
    ("output", "consumer/a.cc", 'std::printf("done");\n'),
    ("process", "store/a.cc", "const int child = fork();\n"),
    ("process", "cli/a.cc", '::execvp("sqlite3", words);\n'),
    ("process", "cli/a.cc", 'std::system("sqlite3");\n'),
    ("macro", "store/a.cc", "#define LIMIT 5\n"),
    ("select-star", "store/a.cc", f'constexpr auto kRead = "{STAR} FROM audit_log";\n'),
    ("select-star", "migrations/sqlite/0001_a.sql", f"CREATE VIEW v AS {STAR} FROM t;\n"),
    ("sleep", "tests/store/a_test.cc", f"std::this_thread::{SLEEP}(1ms);\n"),
    ("sleep", "tests/e2e/a.py", "time" + ".sleep(1)\n"),
]

# (path, text): no fault at all.
GOOD = [
    ("store/a.cc", "\n" * LINES_MAX),
    ("base/a.h", "#pragma once\n"),
    ("billing/a.cc", '#include "rules/rulebook.h"\n#include "base/decimal.h"\n'),
    ("cli/a.cc", '#include "store/database.h"\n#include <CLI/CLI.hpp>\n'),
    ("anchors/a.cc", '#include "consumer/nats_connection.h"\n'),
    ("tests/audit/a_test.cc", '#include "audit/tree.h"\n#include <nlohmann/json.hpp>\n'),
    ("consumer/a.cc", "#include <nats/nats.h>\n"),
    ("migrations/a.cc", "#include <soci/soci.h>\n"),
    ("base/clock.cc", "auto now = std::chrono::system_clock::now();\n"),
    ("billing/a.cc", "// A double entry would count a float of cash twice.\n"),
    ("billing/a.cc", 'const auto text = "double or nothing";\n'),
    ("store/a.cc", "const double seconds = 1;\n"),
    ("migrations/sqlite/0001_a.sql", "-- Nothing real floats here.\nSELECT count(*) FROM t;\n"),
    ("cli/a.cc", f"// {ADR_MARK}(ADR-0007): as decided there.\n"),
    ("rules/a.cc", 'const auto no_currency = "XX' + 'X";\n'),
    ("cli/a.cc", 'std::cout << "using namespace";\n'),
    ("base/check.h", "#pragma once\n#include <cstdio>\n#define DCM_CHECK(x) x\n"),
    ("consumer/a.cc", "const int digit = 1'000'000; // it's one literal's end\nint real = 1;\n"),
    ("cli/a.cc", 'R"(using namespace std; #define A)";\n'),
    ("tests/e2e/support.py", "import time\ntime" + ".sleep(0.01)\n"),
    ("store/a.cc", 'snprintf(text.data(), 4, "%d", 1);\n'),
    ("store/a.cc", "statement.execute();\n"),
    ("tests/sim/a.cc", "const int child = fork();\n"),
]


def quiet_main(root: str) -> int:
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            return main([root])


class CheckTest(unittest.TestCase):
    def test_each_bad_sample_has_its_fault_and_no_other(self) -> None:
        for rule, path, text in BAD:
            with self.subTest(rule=rule, path=path, text=text[:60]):
                self.assertEqual([rule], [fault.rule for fault in check_text(path, text)])

    def test_good_samples_pass(self) -> None:
        for path, text in GOOD:
            with self.subTest(path=path, text=text[:60]):
                self.assertEqual([], check_text(path, text))

    def test_a_fault_names_its_line(self) -> None:
        faults = check_text("billing/a.cc", "/* one\n two */\n\ndouble cost;\n")
        self.assertEqual([4], [fault.line for fault in faults])

    def test_a_second_sleep_in_the_allowed_file_is_a_fault(self) -> None:
        line = "time" + ".sleep(0.01)\n"
        faults = check_text("tests/e2e/support.py", line + line)
        self.assertEqual([(2, "sleep")], [(fault.line, fault.rule) for fault in faults])

    def test_the_allowance_of_a_long_file_only_shrinks(self) -> None:
        LONGER_FILES["store/long.cc"] = LINES_MAX + 10
        self.addCleanup(LONGER_FILES.clear)
        self.assertEqual([], check_text("store/long.cc", "\n" * (LINES_MAX + 10)))
        for count in (LINES_MAX + 9, LINES_MAX + 11):
            with self.subTest(count=count):
                faults = check_text("store/long.cc", "\n" * count)
                self.assertEqual(["size"], [fault.rule for fault in faults])

    def test_a_source_that_nothing_builds_is_a_fault(self) -> None:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "tests", "base"))
            for name in ("a_test.cc", "b_test.cc"):
                with open(os.path.join(root, "tests", "base", name), "w", encoding="utf-8") as file:
                    file.write("// Says nothing.\n")
            paths = ["tests/base/a_test.cc", "tests/base/b_test.cc"]
            with open(os.path.join(root, "tests", "base", "CMakeLists.txt"), "w", encoding="utf-8") as file:
                file.write("dcm_test(base SOURCES a_test.cc)\n")
            self.assertEqual(["tests/base/b_test.cc"], unbuilt(root, paths))

    def test_a_tree_with_a_fault_exits_1_and_one_without_0(self) -> None:
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(1, quiet_main(root), "an empty tree proves nothing")
            os.mkdir(os.path.join(root, "base"))
            path = os.path.join(root, "base", "a.h")
            for text, code in (("#pragma once\n", 0), ("int a;\n", 1)):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                self.assertEqual(code, quiet_main(root))


if __name__ == "__main__":
    unittest.main()
