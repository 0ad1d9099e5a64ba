/* What every page of the console runs. Each module finds its own elements, and again whatever htmx puts in. */

import "./session.js";
import "./requests.js";
import "./times.js";
import "./copy.js";
import "./dialogs.js";
import "./toasts.js";
import "./theme.js";
import "./keys.js";
import "./filters.js";
import "./json.js";
import "./asks.js";
import "./problems.js";
import "./charts.js";
import "./live.js";
import "./pauses.js";

// htmx has been told to begin before this by a timer of its own: from now on links and forms are its.
addEventListener("load", () => setTimeout(() => (document.documentElement.dataset.ready = "")));
