// Passkeys: <form><input name="credential" type="hidden"><button type="button" data-passkey="login" hidden>…</button></form>.
// "login" asks the form's address what to sign, "use" and "add" find it in <script type="application/json" id="js_data">.
// Buttons show only where the browser has passkeys; what went wrong is said by an element [data-passkey-failed].

const works = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

for (const part of works ? document.querySelectorAll("[data-passkey][hidden], [data-passkey-part][hidden]") : []) {
  part.hidden = false;
}

async function options(button) {
  if (button.dataset.passkey !== "login") {
    return JSON.parse(document.getElementById("js_data").textContent);
  }
  const answer = await fetch(button.form.action, { headers: { Accept: "application/json" } });
  return answer.json();
}

async function made(data, alone) {
  const { publicKey } = data.creation_options;
  if (alone) {
    Object.assign((publicKey.authenticatorSelection ??= {}), {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    });
  }
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
}

async function used(data) {
  const { publicKey } = data.request_options;
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-passkey]");
  if (!button) {
    return;
  }
  const { form } = button;
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    const data = await options(button);
    const credential =
      button.dataset.passkey === "add" ? await made(data, form.elements.passwordless?.checked) : await used(data);
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch {
    failed.hidden = false;
  }
});
