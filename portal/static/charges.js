// Keying a charge without a mouse: Enter goes on, there is always an empty line, arrows choose a patient.
"use strict";

const charge = byId("charge");
const lineList = byId("charge-lines");
const lastLine = () => lineList.lastElementChild;
const found = () => [...document.querySelectorAll("#patients [role=option]")];

function markPatient(step) {
  const all = found();
  const box = byId("charge-q");
  box?.setAttribute("aria-expanded", String(all.length > 0));
  if (!all.length) return box?.removeAttribute("aria-activedescendant");
  const was = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = (Math.max(was, 0) + step + all.length) % all.length;
  all.forEach((option, place) => option.setAttribute("aria-selected", String(place === next)));
  box.setAttribute("aria-activedescendant", all[next].id);
}
function keyInSearch(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    markPatient(steps[event.key]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    found().find((option) => option.getAttribute("aria-selected") === "true")?.click();
  }
}

// A copy of the last line, empty and with the next number.
function addLine() {
  const number = Number(lastLine().dataset.line) + 1;
  if (number > Number(charge.dataset.mostLines)) return;
  const line = lastLine().cloneNode(true);
  line.dataset.line = number;
  line.querySelector(".charge-no").textContent = number;
  line.querySelectorAll(".charge-error").forEach((wrong) => wrong.remove());
  line.querySelectorAll("label").forEach((label) => {
    label.htmlFor = label.htmlFor.replace(/-\d+-/, `-${number}-`);
    label.querySelector(".hidden").textContent = ` of line ${number}`;
  });
  line.querySelectorAll("input").forEach((input) => {
    input.value = "";
    input.id = input.name = input.name.replace(/-\d+-/, `-${number}-`);
    for (const mark of ["aria-invalid", "aria-describedby", "autofocus"]) input.removeAttribute(mark);
    input.parentElement.classList.remove("field-wrong");
  });
  const price = line.querySelector("output");
  price.id = `price-${number}`;
  price.htmlFor = `line-${number}-procedure`;
  price.textContent = "";
  lineList.append(line);
}
function trimLines() {
  const isEmpty = (line) => [...line.querySelectorAll("input")].every((input) => !input.value);
  while (lineList.children.length > 1 && isEmpty(lastLine()) && isEmpty(lastLine().previousElementSibling)) lastLine().remove();
}
function goOn(field) {
  const line = field.closest(".charge-line");
  if (line) return (line.nextElementSibling ?? line).querySelector("input").focus();
  const fields = [...charge.querySelectorAll("input:not([type=hidden]), select")].filter((each) => each.checkVisibility());
  fields[fields.indexOf(field) + 1]?.focus();
}

charge.addEventListener("input", (event) => {
  if (event.target.closest(".charge-line") === lastLine()) addLine();
});
charge.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    charge.requestSubmit(charge.querySelector("[data-save]"));
  } else if (event.target.id === "charge-q") {
    keyInSearch(event);
  } else if (event.key === "Enter" && event.target.matches("input, select")) {
    event.preventDefault();
    event.target.dispatchEvent(new Event("change", { bubbles: true })); // a script that goes on has to say so itself
    goOn(event.target);
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "patients") markPatient(0);
});
// The insurer's fields open when they are needed.
charge.addEventListener("change", (event) => {
  if (event.target.name === "coverage" && event.target.value === "new") {
    event.target.closest("fieldset").querySelector("details").open = true;
  }
});
trimLines();
