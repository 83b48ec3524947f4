// What pages do in the browser beyond htmx. Everything works without it; it only keeps things fresh and tidy.

import "./zone.js";
import "./time.js";
import "./menus.js";
import "./nav.js";
import "./dialogs.js";
import "./search.js";
import "./toasts.js";
import "./unsent.js";
import "./copy.js";
import "./busy.js";
import "./session.js";
import "./focus.js";
import "./reading.js";
