// A stand-in for the first browser SDK, written from the page of its protocol: as much of it as a page needs that takes
// an offer. What browsers make of the server's answers is real: preflights, origins, reason phrases, websockets.
(function () {
  const REST = "https://taskrouter.twilio.com/v1";
  const BRIDGE = "https://event-bridge.twilio.com";
  const decode = (token) => JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));

  function Worker(token, debug, connectActivity, disconnectActivity, closeExisting, region, maxRetries, rest, bridge) {
    const { account_sid, workspace_sid, channel } = decode(token);
    const base = `${rest || REST}/Workspaces/${workspace_sid}`;
    const url = `${bridge || BRIDGE}/v1/wschannels/${account_sid}/${channel}`;
    const listeners = {};
    const emit = (name, payload) => (listeners[name] || []).forEach((listener) => listener(payload));
    const own = `/Workers/${channel}`;

    // A string and no headers of its own: the browser asks nothing before. Any status but 200 is an error, and its text
    // the reason phrase.
    function send(request, done) {
      const http = new XMLHttpRequest();
      http.open("POST", url, true);
      http.timeout = 5000;
      http.onload = () => {
        if (http.status !== 200) return done && done({ code: http.status, message: http.statusText });
        const answer = JSON.parse(http.responseText);
        if (answer.event_type) emit(answer.event_type, answer.payload);
        if (done) done(null, answer.payload);
      };
      http.send(JSON.stringify({ ...request, token }));
    }

    const ask = (method, path, params, done) => send({ url: base + path, method, params }, done);

    function reservation(told) {
      const path = `/Tasks/${told.sid}/Reservations/${told.reservation_sid}`;
      ask("GET", path, undefined, (problem, fetched) => {
        const accept = (done) => ask("POST", path, { ReservationStatus: "accepted" }, done);
        emit("reservation.created", { ...fetched, accept });
      });
    }

    const socket = new WebSocket(`${url.replace("https", "wss")}?token=${token}&closeExistingSessions=${Boolean(closeExisting)}`);
    socket.onopen = () => {
      emit("connected");
      send({ url: base + own, method: "GET", event_type: "ready" });
    };
    socket.onmessage = ({ data }) => {
      if (!data.trim()) return;
      const { event_type, payload } = JSON.parse(data);
      if (event_type === "reservation.created") reservation(payload);
      else emit(event_type.replace(/^worker\./, ""), payload);
    };

    this.on = (name, listener) => (listeners[name] = listeners[name] || []).push(listener);
    this.update = (params, done) => ask("POST", own, params, done);
    this.updateActivity = (activity, done) => this.update({ ActivitySid: activity }, done);
  }

  window.Twilio = { TaskRouter: { Worker } };
})();
