// The quickstart's program, written after its page, with nothing set on the official package.
// QUICKSTART_REPLY, _ACTIVITY and _PORT are the test's: what the assignment callback answers, and where.
require("dotenv").config({ quiet: true });
const express = require("express");
const { urlencoded } = require("body-parser");
const twilio = require("twilio");
const VoiceResponse = require("twilio/lib/twiml/VoiceResponse");

const workspaceSid = process.env.TWILIO_WORKSPACE_SID;
const workflowSid = process.env.TWILIO_WORKFLOW_SID;
const client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN);
const voice = new VoiceResponse();
const port = process.env.QUICKSTART_PORT || 3000;

const app = express();
app.use(urlencoded({ extended: false }));

const received = []; // what the assignment callback was sent, for the test to look at

app.post("/assignment_callback", (req, res) => {
  const url = `http://127.0.0.1:${app.locals.port}${req.originalUrl}`;
  const signature = req.header("X-Twilio-Signature");
  received.push({
    parameters: req.body,
    order: Object.keys(req.body),
    signed: twilio.validateRequest(process.env.TWILIO_AUTH_TOKEN, signature, url, req.body),
  });
  const replies = {
    page: () => res.status(200).json({ message: "success" }),
    accept: () => res.status(200).json({ instruction: "accept" }),
    reject: () => res.status(200).json({ instruction: "reject", activity_sid: process.env.QUICKSTART_ACTIVITY }),
    unknown: () => res.status(200).json({ instruction: "dance" }),
    broken: () => res.status(500).send("no"),
    text: () => res.status(200).type("text/plain").send("accept"),
    slow: () => setTimeout(() => res.status(200).json({ instruction: "accept" }), 6000),
  };
  replies[req.query.reply || app.locals.reply]();
});

app.get("/create_task", (req, res) => {
  client.taskrouter.v1
    .workspaces(workspaceSid)
    .tasks.create({ workflowSid, attributes: JSON.stringify({ selected_language: "es" }) })
    .then((task) => res.send(`task ${task.sid}`))
    .catch((error) => res.status(500).json({ message: "error", error: error.message }));
});

app.get("/accept_reservation", (req, res) => {
  client.taskrouter.v1
    .workspaces(workspaceSid)
    .tasks(req.query.task_sid)
    .reservations(req.query.reservation_sid)
    .update({ reservationStatus: "accepted" })
    .then((reservation) =>
      res.status(200).json({
        reservation_status: reservation.reservationStatus,
        reservation_worker: reservation.workerName,
      }),
    )
    .catch((error) => res.status(error.status || 500).json({ message: error.message, code: error.code }));
});

app.get("/received", (req, res) => res.json(received));
app.post("/reply", (req, res) => {
  app.locals.reply = req.body.reply;
  res.end();
});

app.locals.reply = process.env.QUICKSTART_REPLY || "page";
const server = app.listen(port, "127.0.0.1", () => {
  app.locals.port = server.address().port;
  console.log(`listening ${app.locals.port} ${voice.toString().length}`);
});
