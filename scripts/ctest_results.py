#!/usr/bin/env python3
"""Prints `passed|failed|skipped NAME` for each test of a JUnit file that CTest wrote."""

import sys
import xml.etree.ElementTree as xml


def outcome(case: xml.Element) -> str:
    status = case.get("status")
    if case.find("failure") is not None or status == "fail":
        return "failed"
    if case.find("skipped") is not None or status in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def main() -> None:
    for case in xml.parse(sys.argv[1]).getroot().iter("testcase"):
        print(outcome(case), case.get("name"))


if __name__ == "__main__":
    main()
