import json
import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant

env = os.environ


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/token":
            return super().do_GET()
        token = AccessToken(env["TWILIO_ACCOUNT_SID"], env["TWILIO_API_KEY"], env["TWILIO_API_SECRET"], identity="me")
        grant = {"workspace_sid": env["TWILIO_WORKSPACE_SID"], "worker_sid": env["TWILIO_WORKER_SID"], "role": "worker"}
        token.add_grant(TaskRouterGrant(**grant))  # a real application asks first who is there
        bridge = env.get("BRIDGE", "http://localhost:8080/v1/wschannels")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"token": token.to_jwt(), "bridge": bridge}).encode())


public = partial(Handler, directory=Path(__file__).parent / "public")
ThreadingHTTPServer(("127.0.0.1", int(env.get("PORT", 3000))), public).serve_forever()
