"""``ledger send``: for machines that speak no Python."""

import json
from pathlib import Path

from tests.cli.terminal import Said, done, run
from tests.client.test_installation import bare
from tests.serving import Serving


def piped(lines: str, *arguments: object) -> Said:
    return run("send", *arguments, lines=lines)


def test_lines_become_facts_and_are_answered_when_they_are_safe(serving: Serving, tmp_path: Path):
    session = serving.session()
    lines = [
        {"eventType": "cut", "cameraId": "a", "timestampMs": 5},
        {"function": "createStillCandidate", "cameraId": "a", "score": 1},
        {"eventType": "cut", "score": "high"},
        ["no", "object"],
    ]
    text = "\n".join(map(json.dumps, lines)) + "\nno json\n\n"
    said = piped(text, "--url", serving.url, "--spool", tmp_path / "obs", "--session", session)
    assert said.status == 1, "for three lines were wrong"
    assert [line.get("number") for line in said.lines] == [1, 2, None, None, None]
    assert said.lines[0]["id"].startswith("~")
    assert "score: must be a number" in said.lines[2]["error"]
    assert "line: must be a JSON object" in said.lines[3]["error"]
    history = serving.ask("session/history", sessionId=session)["page"]
    assert [(entry["actor"], entry["body"].get("cameraId")) for entry in history[1:]] == [("obs", "a")] * 2


def test_a_later_line_names_an_earlier_one_by_its_answer(serving: Serving, tmp_path: Path):
    spool = tmp_path / "obs"
    began = piped(
        '{"function": "startProductionSession", "sessionType": "music_demo"}', "--url", serving.url, "--spool", spool
    )
    assert began.status == 0, began.err
    session = began.lines[0]["id"]
    said = piped(json.dumps({"eventType": "cut", "sessionId": session}), "--url", serving.url, "--spool", spool)
    assert said.lines[0]["number"] == 2
    assert len(serving.ask("session/history", sessionId=session)["page"]) == 2


def test_what_the_ledger_refuses_is_said_and_shows_in_the_exit_status(serving: Serving, tmp_path: Path):
    said = piped('{"eventType": "cut", "sessionId": "nowhere"}', "--url", serving.url, "--spool", tmp_path / "obs")
    assert said.status == 1
    assert "fact 1 was refused and set aside" in said.err
    assert said.lines == [{"number": 1, "id": said.lines[0]["id"]}], "it was safe on this disk all the same"


def test_a_session_for_all_lines_is_of_those_that_have_one(serving: Serving, tmp_path: Path):
    session = serving.session()
    lines = [
        {"eventType": "cut", "timestampMs": 1},
        {"function": "captures:store", "data": {"capture_id": "piped-1"}},
        {"function": "production:startProductionSession", "sessionType": "music_demo"},
    ]
    text = "\n".join(map(json.dumps, lines))
    said = piped(text, "--url", serving.url, "--spool", tmp_path / "obs", "--session", session)
    assert (said.status, said.err) == (0, "")
    assert [line["number"] for line in said.lines] == [1, 2, 3]
    assert len(serving.ask("session/history", sessionId=session)["page"]) == 2


def test_what_cannot_be_sent_now_waits_for_the_next_time(serving: Serving, tmp_path: Path):
    spool, session = tmp_path / "obs", serving.session()
    cut = json.dumps({"eventType": "cut", "sessionId": session, "timestampMs": 1})
    away = piped(cut, "--url", "http://127.0.0.1:9", "--spool", spool, "--wait", 0)
    assert away.status == 0
    assert "1 facts wait" in away.err
    assert done("spool", "status", spool, "--json").answer["pending"] == 1
    assert piped("", "--url", serving.url, "--spool", spool).status == 0
    assert len(serving.ask("session/history", sessionId=session)["page"]) == 2


def test_it_needs_a_server_and_a_spool_of_its_own(tmp_path: Path):
    assert "name the server with --url" in piped("", "--spool", tmp_path).err
    wrong = piped("", "--spool", tmp_path, "--url", "http://127.0.0.1:9", "--device", "a device")
    assert "no name of a device" in wrong.err


def test_it_works_where_no_server_is_installed(serving: Serving, tmp_path: Path):
    session = serving.session()
    line = json.dumps({"eventType": "cut", "sessionId": session})
    said = bare("send", "--url", serving.url, "--spool", str(tmp_path / "obs"), stdin=line)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["number"] == 1
    assert len(serving.ask("session/history", sessionId=session)["page"]) == 2
