// The board without this script is whole. With it, lists renew themselves, and what was typed survives a lost line.
"use strict";

// Filters that show their list as soon as they are changed.
for (const form of document.querySelectorAll("form[data-at-once]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000); // the line may have been lost: then once more
});

// What stands in a form with data-kept stays in this window until it has been taken; passwords, tokens and files never do.
for (const taken of document.querySelectorAll("[data-taken]")) sessionStorage.removeItem("kept:" + taken.dataset.taken);
for (const form of document.querySelectorAll("form[data-kept]")) {
  const key = "kept:" + form.dataset.kept;
  const fields = () => [...form.elements].filter((field) => field.name && !["hidden", "password", "file"].includes(field.type));
  const keep = () => sessionStorage.setItem(key, JSON.stringify(
    fields().map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? [field.value, field.checked] : field.value])));
  try {
    for (const [name, value] of JSON.parse(sessionStorage.getItem(key) || "[]")) {
      for (const field of fields().filter((one) => one.name === name)) {
        if (!Array.isArray(value)) field.value = value;
        else if (field.value === value[0]) field.checked = value[1];
      }
    }
  } catch { sessionStorage.removeItem(key); }
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
}

// A list that renews itself: never under the hands of whoever is in it, never while nobody looks.
const list = document.querySelector("[data-live]");
if (list) {
  const news = document.getElementById("news");
  const said = document.getElementById("said");
  let source = null;
  const version = () => list.querySelector("[data-version]")?.dataset.version;
  const isBusy = () => list.contains(document.activeElement) || list.querySelector("input:checked") || !getSelection().isCollapsed;
  const renew = async (newest) => {
    if (newest === version()) return;
    if (isBusy()) { news.hidden = false; return; }
    const answer = await fetch(list.dataset.part, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected || isBusy()) { news.hidden = false; return; }
    list.innerHTML = await answer.text();
    news.hidden = true;
    said.textContent = said.dataset.changed;
  };
  const listen = () => {
    if (document.hidden || source) return;
    source = new EventSource(list.dataset.live);
    source.addEventListener("changed", (event) => renew(event.data).catch(() => { news.hidden = false; }));
  };
  const rest = () => { source?.close(); source = null; };
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", listen);
}

// Counting: what is not rejected may be marked as accepted at once, after it has been looked at.
for (const button of document.querySelectorAll("[data-accept-rest]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const form = button.form;
    for (const radio of form.querySelectorAll('input[type="radio"][value="accept"]')) {
      if (!form.querySelector(`input[name="${CSS.escape(radio.name)}"]:checked`)) radio.checked = true;
    }
    form.dispatchEvent(new Event("change"));
  });
}
