"""The page's lines are run by a shell as they stand."""

import re
import shutil
import subprocess

import pytest

from tests.serving import ROOT
from tests.shared import Serve

pytestmark = pytest.mark.long

PAGE = (ROOT / "examples" / "curl" / "README.md").read_text("utf-8")


def test_every_line_does_what_the_page_says(serve: Serve):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    lines = "\n".join(re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    script = f"set -e\nLEDGER={serve().url}\n" + lines.replace("curl ", "curl --fail ").replace(
        "\ncurl", "\necho\ncurl"
    )
    ended = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert '"status":"pending"' in ended.stdout
    assert "New face captured via telegram" in ended.stdout
    assert "/api/storage/upload?token=" in ended.stdout
    assert "event: answer" in ended.stdout
