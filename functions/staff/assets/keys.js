// Keys for everything: an element with data-key is pressed, followed or focused by that key, such as "n" or "g q". The key ? shows them all.
// Keys are those of the page, so they do nothing in a field, with a modifier, or while a dialog is open; Escape leaves a field.
const typing = e => e && (e.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(e.tagName) && !/^(checkbox|radio|button|submit)$/.test(e.type));
const dialog = document.getElementById("keys");
let first = "";

function words(element) {
	const named = element.matches("details") ? element.querySelector("summary") : element;
	return named.getAttribute("aria-label") || [...named.childNodes].filter(n => n.nodeName !== "KBD").map(n => n.textContent).join("").trim();
}

function showKeys() {
	const list = dialog.querySelector("dl:first-of-type");
	list.replaceChildren();
	const seen = new Set();
	for (const element of document.querySelectorAll("[data-key]")) {
		if (seen.has(element.dataset.key) || !element.checkVisibility()) continue;
		seen.add(element.dataset.key);
		const row = document.createElement("div"), term = document.createElement("dt"), about = document.createElement("dd"), key = document.createElement("kbd");
		key.textContent = element.dataset.key;
		term.append(key);
		about.textContent = words(element);
		row.append(term, about);
		list.append(row);
	}
	dialog.showModal();
}

// toggle opens or closes a part of the page, and focuses its first field: at once, because the next key may follow at once.
function toggle(details) {
	details.open = !details.open;
	if (details.open && details.matches("[data-focus]")) details.querySelector("form")?.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
}

function act(element) {
	if (element.matches("details")) {
		toggle(element);
	} else if (element.matches("input:not([type=checkbox], [type=radio]), select, textarea")) {
		element.focus();
		element.select?.();
	} else {
		element.click();
	}
}

document.addEventListener("keydown", event => {
	if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
		event.preventDefault();
		event.target.form.requestSubmit(event.target.form.querySelector("button:not([type=button])"));
		return;
	}
	if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
	if (typing(event.target)) {
		if (event.key === "Escape") event.target.blur();
		return;
	}
	if (document.querySelector("dialog[open]")) return;
	const pressed = first ? first + " " + event.key : event.key;
	first = "";
	const all = [...document.querySelectorAll("[data-key]")].filter(e => e.checkVisibility() && !e.disabled);
	const found = all.find(e => e.dataset.key === pressed);
	if (found) {
		event.preventDefault();
		act(found);
	} else if (all.some(e => e.dataset.key.startsWith(pressed + " "))) {
		event.preventDefault();
		first = pressed;
		setTimeout(() => { first = ""; }, 1500);
	}
});

// Lists: j and k go from row to row, Enter opens it. Pages with keys j and k of their own keep them.
const links = () => [...document.querySelectorAll("table.list tbody tr")].map(row => row.querySelector("a, button, input, select, summary")).filter(e => e?.checkVisibility());
const rowKeys = document.getElementById("row-keys");
if (links().length > 0 && !document.querySelector('main [data-key="j"]')) {
	rowKeys.hidden = false;
	for (const button of rowKeys.querySelectorAll("[data-row]")) {
		button.addEventListener("click", () => {
			const all = links(), at = all.findIndex(e => e.closest("tr").contains(document.activeElement));
			const next = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + Number(button.dataset.row)))];
			next.focus();
		});
	}
}

// A verdict can be taken back for some seconds.
const undo = document.querySelector("form[data-seconds]");
if (undo) setTimeout(() => { undo.hidden = true; }, undo.dataset.seconds * 1000);

document.querySelector("[data-keys]")?.addEventListener("click", showKeys);
for (const details of document.querySelectorAll("details[data-focus]")) {
	details.querySelector("summary").addEventListener("click", event => { event.preventDefault(); toggle(details); });
}
