"""A headless Chromium that is told over pipes what to show (DevTools protocol), and what it saw."""

import base64
import json
import os
import pathlib
import select
import shutil
import struct
import subprocess
import time
import zlib
from dataclasses import dataclass

NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
PROGRAM = next((path for path in map(shutil.which, NAMES) if path), None)
# As root, and in a container, there is no sandbox to be had; nothing comes from elsewhere.
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--hide-scrollbars", "--remote-debugging-pipe"),
)
TOLD = ("Network.requestWillBeSent", "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
HEIGHT = 900


@dataclass(frozen=True)
class Look:
    """How a page is shown."""

    width: int = 1100
    scheme: str = "light"
    medium: str = "screen"


class Browser:
    """One process, one page; killed by its own pid."""

    def __init__(self, folder: pathlib.Path) -> None:
        # It reads its descriptor 3 and writes to its descriptor 4.
        its_input, self._commands = os.pipe()
        self._answers, its_output = os.pipe()
        words = [str(PROGRAM), *OPTIONS, f"--user-data-dir={folder / 'profile'}"]
        shell = f'exec "$@" 3<&{its_input} 4>&{its_output}'
        self._popen = subprocess.Popen(
            ["bash", "-c", shell, "bash", *words],
            pass_fds=(its_input, its_output),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_input)
        os.close(its_output)
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict] = []
        self.width = 0
        page = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self._call(f"{domain}.enable")

    def kill(self) -> None:
        self._popen.kill()
        self._popen.wait()
        os.close(self._commands)
        os.close(self._answers)

    def _read(self) -> dict:
        deadline = time.monotonic() + 60
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answers], [], [], max(0, deadline - time.monotonic()))
            got = os.read(self._answers, 1 << 20) if ready else b""
            if not got:
                raise AssertionError("the browser has ended, or says nothing any more")
            self._rest += got
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _call(self, method: str, **words: object) -> dict:
        self._number += 1
        message = {"id": self._number, "method": method, "params": words}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def show(self, page: pathlib.Path, look: Look) -> None:
        """Loads the page; what it asks for and complains about is in `events` then."""
        self.events.clear()
        features = [{"name": "prefers-color-scheme", "value": look.scheme}]
        self._call("Emulation.setEmulatedMedia", media=look.medium, features=features)
        self.width = look.width
        size = {"width": look.width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        self._call("Page.navigate", url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def told(self) -> list[str]:
        """Requests but that for the page itself, console messages, faults."""
        told = []
        for event in self.events:
            name, words = event.get("method"), event.get("params", {})
            is_page = name == TOLD[0] and words.get("type") == "Document"
            if name in TOLD and not is_page:
                told.append(f"{name}: {json.dumps(words)}")
        return told

    def value(self, script: str) -> object:
        done = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in done:
            raise AssertionError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def picture(self) -> "Picture":
        """What is seen first, at a quarter of its size."""
        area = {"x": 0, "y": 0, "width": self.width, "height": HEIGHT, "scale": 0.25}
        shot = self._call("Page.captureScreenshot", format="png", clip=area)
        return Picture(base64.b64decode(shot["data"]))

    def paper(self) -> bytes:
        """The page as a PDF, as who sees it in the dark prints it."""
        dark = [{"name": "prefers-color-scheme", "value": "dark"}]
        self._call("Emulation.setEmulatedMedia", media="", features=dark)
        return base64.b64decode(self._call("Page.printToPDF", preferCSSPageSize=True)["data"])


class Picture:
    """A PNG of 8 bits a channel without interlace, as browsers write it."""

    def __init__(self, png: bytes) -> None:
        self.png = png
        at, packed = 8, b""
        while at < len(png):
            (size,) = struct.unpack(">I", png[at : at + 4])
            kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
            if kind == b"IHDR":
                self.width, self.height, depth, colour = struct.unpack(">IIBB", data[:10])
                if depth != 8 or colour not in (2, 6):
                    raise AssertionError(f"a PNG of depth {depth} and colour type {colour}")
                self._channels = 3 if colour == 2 else 4
            elif kind == b"IDAT":
                packed += data
            at += 12 + size
        self._rows = self._unfilter(zlib.decompress(packed))

    def _unfilter(self, data: bytes) -> list[bytearray]:
        width, step = self.width * self._channels, self._channels
        rows, above = [], bytearray(width)
        for top in range(0, len(data), width + 1):
            kind, row = data[top], bytearray(data[top + 1 : top + 1 + width])
            for i in range(width if kind else 0):
                left = row[i - step] if i >= step else 0
                corner = above[i - step] if i >= step else 0
                guess = (left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))
                row[i] = (row[i] + guess[kind - 1]) & 0xFF
            rows.append(row)
            above = row
        return rows

    def colours(self) -> dict[tuple[int, int, int], int]:
        """How many pixels have which colour."""
        counted: dict[tuple[int, int, int], int] = {}
        for row in self._rows:
            for i in range(0, len(row), self._channels):
                colour = (row[i], row[i + 1], row[i + 2])
                counted[colour] = counted.get(colour, 0) + 1
        return counted


def paeth(left: int, above: int, corner: int) -> int:
    """The neighbour nearest to left + above - corner."""
    guess = left + above - corner
    return min((left, above, corner), key=lambda near: abs(guess - near))
