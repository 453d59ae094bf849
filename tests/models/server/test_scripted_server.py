"""The scripted server, seen with a client that is not ours."""

import json
import subprocess
import sys
from pathlib import Path

import httpx

from agent.models.server.script import Answer, Asked, Call
from agent.models.server.scripted_server import ScriptedServer

ASK = {"model": "scripted", "messages": [{"role": "user", "content": "hi"}]}


def test_a_script_is_given_out_in_order_and_then_is_over() -> None:
    with ScriptedServer(["one", Call("read", {"path": "a"})]) as server:
        url = f"{server.base_url}/chat/completions"
        replies = [httpx.post(url, json=ASK) for _ in range(3)]
        asked = server.requests
    first, second, third = (reply.json() for reply in replies)
    assert first["choices"][0]["message"]["content"] == "one"
    assert second["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "read"
    assert (replies[2].status_code, third["error"]["code"]) == (400, "script_exhausted")
    assert [one.last for one in asked] == ["hi"] * 3


def test_a_function_sees_the_request() -> None:
    def script(asked: Asked) -> str:
        return f"{asked.last} from {asked.path}, stream {asked.stream}"

    with ScriptedServer(script) as server:
        reply = httpx.post(
            f"{server.base_url}/responses", json={"input": [{"role": "user", "content": "hi"}]}
        )
    assert reply.json()["output"][0]["content"][0]["text"] == "hi from /v1/responses, stream False"


def test_a_stream_is_made_of_events() -> None:
    with ScriptedServer([Answer("Hello, how are you?")]) as server:
        ask = {**ASK, "stream": True, "stream_options": {"include_usage": True}}
        lines = httpx.post(f"{server.base_url}/chat/completions", json=ask).text.split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    text = "".join(e["choices"][0]["delta"].get("content", "") for e in events if e["choices"])
    assert (lines[-2], text) == ("data: [DONE]", "Hello, how are you?")
    assert events[-1]["usage"]["completion_tokens"] > 0


def test_it_names_its_models() -> None:
    with ScriptedServer(models=("a", "b")) as server:
        rows = httpx.get(f"{server.base_url}/models").json()["data"]
    assert [row["id"] for row in rows] == ["a", "b"]


def test_a_file_can_be_served_from_the_command_line(tmp_path: Path) -> None:
    lines = [{"text": "one"}, {"calls": [{"name": "read", "arguments": {"path": "a"}}], "usage": [1, 2]}]
    (tmp_path / "script.jsonl").write_text("\n".join(map(json.dumps, lines)))
    command = [sys.executable, "-m", "agent.models.server", str(tmp_path / "script.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        replies = [httpx.post(f"{url}/chat/completions", json=ASK).json() for _ in lines]
        running.terminate()
    assert replies[0]["choices"][0]["message"]["content"] == "one"
    assert replies[1]["usage"]["prompt_tokens"] == 1
