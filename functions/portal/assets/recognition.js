// Fills in a form from a photo of a certificate. A worker reads the photo, which stays in the browser. What was read is offered beside each field and never
// replaces what the person typed, unless the person presses the button to do so.

const SURE = 0.9; // confidence below which a text needs a close look
const section = document.getElementById("recognise");
const form = document.getElementById("details");
if (section && form && "OffscreenCanvas" in window && "Worker" in window && "WebAssembly" in window) start();

function start() {
	const part = name => section.querySelector(`[data-${name}]`);
	const status = part("status"), busy = part("busy"), progress = busy.querySelector("progress"), amount = part("amount"), found = part("found");
	const file = part("file"), ask = part("ask"), all = part("all");
	const buttons = [...section.querySelectorAll("[data-paper]")];
	const text = (key, values = {}) => Object.entries(values).reduce((words, [name, value]) => words.replace(`{${name}}`, value),
		section.querySelector(`template[data-text="${key}"]`).content.textContent);
	const bad = ["nothing", "network", "picture", "runtime"];
	const say = (key, values) => {
		status.textContent = key ? text(key, values) : "";
		status.className = bad.includes(key) ? "error" : "";
	};
	const megabytes = bytes => (bytes / 1e6).toFixed(1);
	let worker = null, ready = false, paper = null, photo = null, about = null;

	section.hidden = false;
	fetchAbout().then(async () => { if (await kept()) part("size").hidden = true; }).catch(() => {});

	// The page of a leader lists the papers of each kind of certificate.
	const kind = form.querySelector("select[name$='/certificate/kind']");
	const choose = () => {
		const chosen = kind?.value ?? "";
		for (const b of buttons) b.hidden = chosen !== "" && chosen !== b.dataset.kind;
		section.hidden = buttons.every(b => b.hidden);
	};
	kind?.addEventListener("change", choose);
	choose();

	for (const button of buttons) {
		button.addEventListener("click", () => {
			paper = button;
			file.value = "";
			file.click();
		});
	}
	file.addEventListener("change", async () => {
		photo = file.files[0] ?? null;
		if (!photo) return;
		stop();
		found.hidden = all.hidden = true;
		ask.hidden = true;
		say("");
		if (!ready && metered() && !(await kept())) {
			ask.hidden = false;
			part("yes").focus();
			return;
		}
		read();
	});
	part("yes").addEventListener("click", () => { ask.hidden = true; status.focus(); read(); });
	part("no").addEventListener("click", () => { ask.hidden = true; paper.focus(); });
	part("stop").addEventListener("click", () => {
		worker?.terminate();
		worker = null;
		ready = false;
		stop();
		say("stopped");
		status.focus();
	});
	all.addEventListener("click", () => {
		for (const b of found.querySelectorAll("button[data-empty]")) b.click();
		all.hidden = true;
		status.focus();
	});

	async function fetchAbout() {
		if (about) return about;
		const response = await fetch("/recognition");
		if (!response.ok) throw new Error("network");
		return (about = await response.json());
	}

	/** kept reports whether the browser keeps the files already. */
	async function kept() {
		try {
			const cache = await caches.open("recognition");
			const files = (await fetchAbout()).files.filter(f => f.name !== "runtime.mjs");
			return (await Promise.all(files.map(f => cache.match(f.url, { ignoreVary: true })))).every(Boolean);
		} catch { return false; }
	}

	function metered() {
		const c = navigator.connection;
		return Boolean(c && (c.saveData || c.type === "cellular" || /2g|3g/.test(c.effectiveType ?? "")));
	}

	async function read() {
		busy.hidden = false;
		progress.value = 0;
		amount.textContent = "";
		if (ready) { begin(); return; }
		say("loading");
		try {
			await fetchAbout();
		} catch { finish("network"); return; }
		if (worker) return;
		worker = new Worker(about.worker, { type: "module" });
		worker.addEventListener("error", () => { worker = null; finish("runtime"); });
		worker.addEventListener("message", ({ data }) => {
			if (data.total) {
				progress.value = 1000 * data.loaded / data.total;
				amount.textContent = data.loaded < data.total ? text("amount", { done: megabytes(data.loaded), total: megabytes(data.total) }) : "";
				if (data.loaded === data.total) say("starting");
			} else if (data.ready) {
				ready = true;
				part("size").hidden = true;
				begin();
			} else if (data.count) {
				progress.value = 1000 * data.line / data.count;
				amount.textContent = text("lines", { n: data.line, all: data.count });
			} else if (data.error) {
				if (!ready) { worker.terminate(); worker = null; }
				finish(data.error);
			} else if (data.fields) {
				show(data.fields);
			}
		});
		worker.postMessage({ load: about.files });
	}

	async function begin() {
		say("reading");
		progress.removeAttribute("value");
		amount.textContent = "";
		const chosen = photo, kind = paper.dataset.paper;
		let picture = chosen;
		try {
			const heic = await import(section.dataset.heic);
			if (await heic.isHEIC(chosen)) picture = await createImageBitmap(chosen).catch(() => heic.decodeHEIC(chosen));
		} catch { /* the worker says that it cannot read the photo */ }
		if (chosen === photo) worker?.postMessage({ read: picture, paper: kind });
	}

	function stop() { busy.hidden = true; }

	function finish(key, values) {
		stop();
		say(key, values);
	}

	function show(fields) {
		const names = JSON.parse(paper.dataset.fields);
		const rows = fields.filter(f => names[f.name]).map(f => row(f, names[f.name])).filter(Boolean);
		if (!rows.length) { finish("nothing"); return; }
		for (const f of fields) if (names[f.name]) note(names[f.name], f);
		found.replaceChildren(...rows);
		found.hidden = false;
		all.hidden = found.querySelectorAll("button[data-empty]").length < 2;
		finish("found", { n: rows.length });
		status.focus();
	}

	/** note sends what was read with the form, for the reviewer. */
	function note(pointer, { text, confidence, check }) {
		for (const old of form.querySelectorAll("input[name=reading]")) if (JSON.parse(old.value).pointer === pointer) old.remove();
		const input = element("input");
		input.type = "hidden";
		input.name = "reading";
		input.value = JSON.stringify({ pointer, text: text.slice(0, 256), confidence, ...(check && { check }) });
		form.append(input);
	}

	/** row shows one field that was read, beside what the form has. */
	function row(field, pointer) {
		const input = form.elements[pointer] ?? null;
		const id = "f" + pointer.replaceAll("/", "-");
		const fixed = input ? null : document.getElementById(id);
		if (!input && !fixed) return null;
		const label = document.querySelector(`label[for="${id}"]`)?.firstChild.textContent.trim() ?? fixed.parentElement.querySelector(".question").textContent.trim();
		const typed = (input ? input.value : fixed.textContent).trim();
		const same = normal(typed) === normal(field.text);
		const line = document.createElement("div");
		const value = element("dd", "", element("b", "", field.text));
		const act = element("dd", "act");
		line.append(element("dt", "", label), value, act);
		const tag = (key, kind, values) => value.append(" ", element("span", kind, text(key, values)));
		if (field.check === "failed") tag("failed", "error");
		else if (field.check === "passed") tag("passed", "tag good");
		else if (field.confidence < SURE) tag("unsure", "tag note");
		if (same) tag("same", "tag good");
		else if (typed) value.append(element("p", "hint", text("differs", { typed })));
		if (input && !same && field.check !== "failed") {
			const words = text(typed ? "replace" : "fill");
			const button = element("button", "button plain", words);
			button.type = "button";
			button.setAttribute("aria-label", text("for", { action: words, field: label }));
			button.toggleAttribute("data-empty", !typed);
			button.addEventListener("click", () => {
				input.value = field.text;
				for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
				act.replaceChildren(element("span", "tag good", text("filled")));
				all.hidden = !found.querySelector("button[data-empty]") || all.hidden;
				(found.querySelector("button") ?? status).focus();
			});
			act.append(button);
		}
		return line;
	}
}

function element(name, kind, ...content) {
	const e = document.createElement(name);
	if (kind) e.className = kind;
	e.append(...content);
	return e;
}

/** normal returns a text for comparing: without spaces, in capitals, with one kind of brackets and middle dot. */
function normal(text) {
	return text.normalize("NFKC").toUpperCase().replace(/[•・‧∙⋅]/g, "·").replace(/\s/g, "");
}
