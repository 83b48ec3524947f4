// What the open door's pages do in the browser beyond htmx. Everything works without it.

import "./zone.js";
import "./busy.js";
import "./focus.js";
