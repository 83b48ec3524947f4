// Hands the room to Zoom's Meeting SDK, or says that it did not come.
"use strict";

const sdk = JSON.parse(document.getElementById("room-sdk").textContent);
const says = document.getElementById("room-says");
const wait = document.getElementById("room-wait");
const again = document.getElementById("room-again");
const NOT_STARTED = 3008; // Zoom's number

function giveUp(reason) {
  wait.hidden = false;
  again.hidden = false;
  says.textContent = reason?.errorCode === NOT_STARTED ? says.dataset.early : says.dataset.slow;
  if (reason) {
    console.warn("Zoom's Meeting SDK:", reason);
  }
}

function open(ZoomMtg) {
  ZoomMtg.setZoomJSLib(sdk.lib, "/av");
  ZoomMtg.preLoadWasm();
  ZoomMtg.prepareWebSDK();
  ZoomMtg.i18n.load(sdk.language);
  ZoomMtg.init({
    leaveUrl: sdk.leaveUrl,
    patchJsMedia: true,
    success() {
      ZoomMtg.join({
        ...sdk.join,
        success() {
          wait.hidden = true;
        },
        error: giveUp,
      });
    },
    error: giveUp,
  });
}

if (window.ZoomMtg) {
  open(window.ZoomMtg);
} else {
  giveUp();
}
