// The reasons of a verdict: x gives the chosen row a reason, and the field of the reason offers those of the catalogue that fit the row and what is typed. The arrows
// choose one, Enter or Tab takes it. Without this script the field has the browser's own list.
const reasons = document.querySelector("form.reasons");
const field = (reason, name) => reason.querySelector(`[name$=-${name}]`);

// emptyReason returns a row of reasons that is empty. It adds one if there is none.
function emptyReason() {
	const all = [...reasons.querySelectorAll(".reason")];
	const empty = all.find(e => ["code", "words", "english"].every(name => !field(e, name).value));
	if (empty) return empty;
	const copy = all.at(-1).cloneNode(true);
	for (const f of copy.querySelectorAll("[name]")) {
		f.name = f.name.replace(/-\d+-/, `-${all.length}-`);
		f.value = "";
	}
	copy.querySelector("legend").textContent = copy.querySelector("legend").textContent.replace(/\d+/, all.length + 1);
	all.at(-1).after(copy);
	return copy;
}

document.querySelector("[data-mark]")?.addEventListener("click", () => {
	const pointer = document.activeElement?.closest("[data-pointer]")?.dataset.pointer ?? "";
	reasons.closest("details").open = true;
	const reason = emptyReason();
	field(reason, "pointer").value = pointer;
	field(reason, "code").focus({ preventScroll: true }); // the panel is always in view: the row stays where it is
});

const offered = 8; // reasons at once
const catalogue = [...document.querySelectorAll("#reasons option")].map(o => ({ words: o.value, code: o.textContent, fields: o.dataset.fields.trim().split(" ") }));
const list = document.createElement("ul");
list.id = "offered-reasons";
list.className = "offered";
list.setAttribute("role", "listbox");
list.hidden = true;
let input, active = -1;

// fits reports whether a pattern of pointers has a pointer: the same place, or one of both in the other. The filing as a whole, "", fits all.
function fits(pattern, pointer) {
	const want = pattern.split("/"), given = pointer.split("/");
	return given.length <= want.length ? given.every((t, i) => want[i] === "*" || want[i] === t) : want.every((t, i) => t === "*" || t === given[i]);
}

function offer() {
	const pointer = field(input.closest(".reason"), "pointer").value, typed = input.value.toLowerCase().split(/\s+/).filter(Boolean);
	const fitting = catalogue.filter(r => (!pointer || r.fields.some(f => fits(f, pointer))) && typed.every(t => (r.words + " " + r.code).toLowerCase().includes(t)));
	list.replaceChildren(...fitting.slice(0, offered).map((r, i) => {
		const item = document.createElement("li");
		item.id = `${list.id}-${i}`;
		item.setAttribute("role", "option");
		item.textContent = r.words;
		item.reason = r;
		return item;
	}));
	list.setAttribute("aria-label", input.closest("label").firstChild.textContent);
	list.hidden = fitting.length === 0 || fitting.some(r => r.words === input.value);
	input.setAttribute("aria-expanded", !list.hidden);
	const box = input.getBoundingClientRect();
	list.style.left = `${box.left}px`;
	list.style.bottom = `${innerHeight - box.top + 4}px`;
	choose(typed.length > 0 && !list.hidden ? 0 : -1);
}

function choose(index) {
	active = index;
	[...list.children].forEach((item, i) => item.setAttribute("aria-selected", i === index));
	if (index < 0) input.removeAttribute("aria-activedescendant");
	else input.setAttribute("aria-activedescendant", `${list.id}-${index}`);
}

// close closes the list, and take enters a reason. A reason that has one place in the application names it.
function close() {
	list.hidden = true;
	active = -1;
	input?.setAttribute("aria-expanded", false);
	input?.removeAttribute("aria-activedescendant");
}

function take(item) {
	const place = field(input.closest(".reason"), "pointer"), fields = item.reason.fields;
	const places = place.value ? [] : [...place.options].filter(o => o.value && fields.some(f => fits(f, o.value) && f.split("/").length === o.value.split("/").length));
	if (places.length === 1) place.value = places[0].value;
	input.value = item.reason.words;
	close();
}

if (reasons) {
	document.querySelector("main").append(list);
	reasons.addEventListener("focusin", event => {
		if (!event.target.name?.endsWith("-code")) return;
		input = event.target;
		input.removeAttribute("list");
		for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id })) input.setAttribute(name, value);
		offer();
	});
	reasons.addEventListener("focusout", event => { if (event.target === input) close(); });
	reasons.addEventListener("input", event => { if (event.target === input) offer(); });
	list.addEventListener("pointerdown", event => { event.preventDefault(); const item = event.target.closest("li"); if (item) take(item); });
	reasons.addEventListener("keydown", event => {
		if (event.target !== input || event.isComposing || event.ctrlKey || event.metaKey) return;
		const open = !list.hidden, all = list.children;
		if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			event.preventDefault();
			if (!open) offer();
			else choose((active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1) + all.length) % all.length);
		} else if (event.key === "Enter") {
			event.preventDefault(); // the verdict is sent by Ctrl+Enter or a button
			if (open && active >= 0) take(all[active]);
			field(input.closest(".reason"), "words").focus({ preventScroll: true });
		} else if (event.key === "Tab" && open && active >= 0) {
			take(all[active]);
		} else if (event.key === "Escape" && open) {
			event.preventDefault();
			event.stopPropagation();
			close();
		}
	});
}
