// Conveniences only: every page works without this file.
"use strict";

// On a phone the sections are wider than the screen: the current one is brought into view.
const current = document.querySelector(".tabs [aria-current]");
if (current) {
  const row = current.closest("ul");
  row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}

// Copying.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
for (const field of document.querySelectorAll(".reveal input")) {
  field.addEventListener("focus", () => field.select());
}

// A form goes out once, however often its button is clicked.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Filtering the rows of this page as somebody types; the form still asks the server.
for (const field of document.querySelectorAll("[data-filter]")) {
  const table = document.getElementById(field.dataset.filter);
  const nothing = document.querySelector(`[data-filter-empty="${field.dataset.filter}"]`);
  if (!table) continue;
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
      if (!row.hidden) shown += 1;
    }
    if (nothing) nothing.hidden = shown > 0;
  });
}

// Presets of permissions, and the warning about none.
const boxes = [...document.querySelectorAll("input[name=permission]")];
const warning = document.querySelector("[data-none-warning]");
const instances = document.getElementById("instances");
function warn() {
  if (warning) warning.hidden = boxes.some((box) => box.checked) || Boolean(instances && instances.value.trim());
}
if (warning) {
  for (const box of boxes) box.addEventListener("change", warn);
  if (instances) instances.addEventListener("input", warn);
  warn();
}
for (const button of document.querySelectorAll("[data-preset]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const wanted = button.dataset.preset.split(" ");
    for (const box of boxes) box.checked = !box.disabled && wanted.includes(box.value);
    warn();
  });
}

// Addresses, checked roughly as they are typed; the server has the last word.
function isAddress(text) {
  const octets = text.split(".");
  if (/^[0-9.]+$/.test(text)) return octets.length === 4 && octets.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
  try { return text.includes(":") && !/[%\[\]\/]/.test(text) && Boolean(new URL(`http://[${text}]/`)); } catch { return false; }
}
const addresses = document.querySelector("[data-addresses]");
if (addresses) {
  const place = document.getElementById(addresses.getAttribute("aria-describedby").split(" ").find((id) => id.endsWith("-check")));
  const look = () => {
    const lines = addresses.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const parts = [];
    for (const line of lines) {
      if (line.includes("/") && addresses.dataset.cidr) parts.push(`${line} ${addresses.dataset.cidr}`);
      else if (!isAddress(line.split("/")[0])) parts.push(`${line} ${addresses.dataset.invalid}`);
    }
    place.textContent = lines.length === 0 ? "" : parts.length === 0 ? addresses.dataset.good : parts.join(" · ");
    place.className = parts.length === 0 ? "check quiet" : "check error";
  };
  addresses.addEventListener("input", look);
  for (const button of document.querySelectorAll("[data-append]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const lines = addresses.value.split("\n").map((line) => line.trim()).filter(Boolean);
      if (!lines.includes(button.dataset.value)) lines.push(button.dataset.value);
      addresses.value = lines.join("\n");
      look();
    });
  }
}

// Choosing a date chooses "on a date".
for (const field of document.querySelectorAll("[data-chooses]")) {
  const [name, value] = field.dataset.chooses.split("=");
  field.addEventListener("input", () => {
    const radio = document.querySelector(`input[name="${name}"][value="${value}"]`);
    if (radio && field.value) radio.checked = true;
  });
}

// What went wrong is where reading goes on.
document.getElementById("problem")?.focus();
