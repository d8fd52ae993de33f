"""``python -m tests.acceptance.keyed PORT``: posts what comes in, one request a line, and says what it was answered.

A line in is ``[route, arguments, key]``, a line out ``[status, body, Ledger-Position]``.
"""

import json
import sys

import httpx2

if __name__ == "__main__":
    with httpx2.Client(base_url=f"http://127.0.0.1:{sys.argv[1]}/production", timeout=60, verify=False) as client:
        print("ready", flush=True)
        for line in sys.stdin:
            route, arguments, key = json.loads(line)
            answer = client.post(f"/{route}", json=arguments, headers={"Idempotency-Key": key})
            print(json.dumps([answer.status_code, answer.json(), answer.headers.get("Ledger-Position")]), flush=True)
