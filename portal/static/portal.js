// What a page does beyond links and forms. Every page works without this file; with it, the keyboard is enough.
"use strict";

const root = document.documentElement;
root.classList.add("js");
const byId = (id) => document.getElementById(id);
const inField = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;

function announce(text) {
  const region = byId("announcer");
  if (region) region.textContent = text;
}

// ---- requests of the page itself ----
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
});
document.addEventListener("htmx:sendError", () => {
  const region = byId("notices");
  if (!region || region.querySelector("[data-offline]")) return;
  const note = document.createElement("div");
  note.className = "notice tone-bad";
  note.dataset.offline = "";
  const text = document.createElement("p");
  text.textContent = "The portal did not answer. Check your connection; nothing was changed. Then try again.";
  note.append(text);
  region.append(note);
});
document.addEventListener("htmx:afterSwap", (event) => {
  document.querySelectorAll("[data-offline]").forEach((note) => note.remove());
  const said = event.detail.target.querySelector?.("[data-announce]");
  if (said) announce(said.dataset.announce);
  if (event.detail.target.id === "palette-results") markSelected();
});

// A row of tabs that does not fit begins where one is.
document.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
  const row = tab.closest(".tabs");
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
});

// ---- menus, notices, hints ----
document.addEventListener("click", (event) => {
  const target = event.target;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
  const opener = target.closest("[data-dialog]");
  if (opener) openDialog(byId(opener.dataset.dialog));
  if (target.closest("[data-dismiss]")) target.closest(".notice").remove();
  if (target.tagName === "DIALOG") target.close(); // the backdrop
  if (target.closest("[data-print]")) window.print();
  const found = target.closest("[data-fill]");
  if (found) fillCode(found.dataset.fill, found.dataset.value);
  const search = target.closest("[data-palette]");
  if (search && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    openPalette();
  }
  if (target.closest("[data-print]")) window.print();
  openRow(event);
});
// A file that is too large is told before it is sent, not after.
document.addEventListener("change", (event) => {
  const limit = Number(event.target.dataset?.largest);
  const file = event.target.files?.[0];
  if (!limit || !file) return;
  event.target.setCustomValidity(file.size > limit ? "This file is too large. Split it and send the parts." : "");
  event.target.reportValidity();
});
document.addEventListener("input", (event) => {
  const list = event.target.dataset.narrow && byId(event.target.dataset.narrow);
  if (!list) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const item of list.children) item.hidden = !item.textContent.toLowerCase().includes(wanted);
});
for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, (event) => {
    const hint = event.target.closest?.(".hint");
    if (!hint) return;
    hint.classList.remove("hint-shut", "hint-left");
    const right = hint.querySelector(".hint-text").getBoundingClientRect().right;
    if (right > root.clientWidth - 8) hint.classList.add("hint-left");
  });
}

// A code that was found goes where one is missing: a procedure into the first empty line, a diagnosis after the others.
function fillCode(kind, code) {
  const lines = [...document.querySelectorAll("input[name^='line-']")];
  const box = kind === "diagnosis" ? document.querySelector("input[name=diagnoses]") : lines.find((line) => !line.value) || lines[0];
  if (!box) return;
  box.value = kind === "diagnosis" ? `${box.value} ${code}`.trim() : code;
  box.focus();
  announce(`${code} filled in`);
}

// A click anywhere on a row opens what its first link opens, unless something is being selected or pressed.
function openRow(event) {
  const row = event.target.closest("table[data-rows] tbody tr");
  if (!row || event.target.closest("a, button, input, select, label, summary") || String(getSelection())) return;
  const link = row.querySelector("a[href]");
  if (link && link.closest("th, td") === row.firstElementChild) link.click();
}

// ---- questions before an act ----
document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = byId("confirm");
  if (!form.dataset.confirm || !dialog || form.dataset.confirmed) return;
  event.preventDefault();
  const pressed = event.submitter;
  byId("confirm-title").textContent = form.dataset.confirm;
  byId("confirm-detail").textContent = form.dataset.confirmDetail || "";
  byId("confirm-yes").textContent = form.dataset.confirmYes || "Go on";
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return pressed?.focus();
    form.dataset.confirmed = "yes";
    form.requestSubmit(pressed);
  }, { once: true });
  dialog.showModal();
}, true);

// ---- search ----
function openDialog(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}
function openPalette() {
  const palette = byId("palette");
  if (!palette) return;
  openDialog(palette);
  const box = palette.querySelector("input");
  box.select();
  box.dispatchEvent(new Event("open"));
}
const options = () => [...document.querySelectorAll("#palette-results [role=option]")];
function markSelected(step = 0) {
  const all = options();
  const box = document.querySelector("#palette input");
  if (!all.length) return box?.removeAttribute("aria-activedescendant");
  const was = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = (Math.max(was, 0) + step + all.length) % all.length;
  all.forEach((option, place) => option.setAttribute("aria-selected", String(place === next)));
  all[next].scrollIntoView({ block: "nearest" });
  box.setAttribute("aria-activedescendant", all[next].id);
}
function keyInPalette(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    markSelected(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    options().find((option) => option.getAttribute("aria-selected") === "true")?.click();
  }
}

// ---- keys ----
function moveRow(step) {
  const rows = [...document.querySelectorAll("table[data-rows] tbody tr")].filter((row) => row.querySelector("a[href]"));
  const here = rows.indexOf(document.activeElement?.closest("tr"));
  const next = rows[here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step];
  next?.querySelector("a[href]").focus();
  next?.scrollIntoView({ block: "nearest" });
}
function pressKey(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.matches("form")) target.querySelector("input:not([type=hidden]), select")?.focus();
  else target.click();
  return true;
}
const KEYS = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  "?": () => openDialog(byId("shortcuts")),
  "/": openPalette,
};
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openPalette();
  }
  if (event.target.closest?.("#palette")) return keyInPalette(event);
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    document.querySelectorAll(".hint:hover, .hint:focus-within").forEach((hint) => hint.classList.add("hint-shut"));
    return;
  }
  const busy = event.ctrlKey || event.metaKey || event.altKey || inField(event.target) || document.querySelector("dialog[open]");
  if (busy || root.dataset.keys === "off") return;
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  } else if (event.key.length === 1 && pressKey(event.key)) {
    event.preventDefault();
  }
});
