// The reviewer's case: papers open beside the data, j and k go from section to section and open the paper that proves it, and the claim is renewed while the
// reviewer works and released on leaving.
const claim = document.querySelector("#claim[data-until]");
const viewer = document.querySelector(".viewer"), picture = viewer?.querySelector("img"), stage = viewer?.querySelector(".stage");
const status = document.querySelector(".paper-status");
const opened = new Map(); // address of the bytes, by slot: a paper is fetched, and recorded, once
const copies = viewer?.querySelector("[data-copy]");
let current; // form of the paper that is shown
let turned = 0, near = 1, shown = "", wanted = "";

function place() {
	picture.style.transform = `rotate(${turned}deg) scale(${near})`;
	stage.classList.toggle("near", near > 1);
}

async function open(form, copy = false) {
	const slot = form.dataset.paper + (copy ? " copy" : "");
	wanted = slot;
	if (slot === shown) return;
	try {
		if (!opened.has(slot)) {
			const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams([...new FormData(form), ...(copy ? [["copy", "true"]] : [])]) });
			if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("image/")) throw new Error(answer.status);
			opened.set(slot, URL.createObjectURL(await answer.blob()));
		}
		if (slot !== wanted) return; // another was opened meanwhile
		picture.src = opened.get(slot);
		picture.alt = viewer.querySelector("figcaption span").textContent = form.querySelector("button").firstChild.textContent.trim();
		shown = slot;
		current = form;
		copies.setAttribute("aria-pressed", copy);
		turned = 0;
		near = 1;
		place();
		viewer.hidden = false;
		status.textContent = "";
		for (const other of document.querySelectorAll("[data-paper]")) other.closest("li").classList.toggle("shown", other === form);
	} catch {
		status.textContent = status.dataset.failed;
	}
}

for (const form of document.querySelectorAll("[data-paper]")) {
	form.addEventListener("submit", event => { event.preventDefault(); open(form); });
}
copies?.addEventListener("click", () => { if (current) open(current, copies.getAttribute("aria-pressed") !== "true"); });
for (const button of document.querySelectorAll("[data-turn]")) button.addEventListener("click", () => { turned += Number(button.dataset.turn); place(); });
for (const button of document.querySelectorAll("[data-zoom]")) {
	button.addEventListener("click", () => { near = Number(button.dataset.zoom) ? Math.min(8, Math.max(1, near * Number(button.dataset.zoom))) : 1; place(); });
}

let last = -1;
function step(by) {
	const stops = [...document.querySelectorAll("[data-stop]")].filter(e => e.offsetParent);
	last = Math.max(0, Math.min(stops.length - 1, last + by));
	const stop = stops[last];
	if (!stop) return;
	stop.focus({ preventScroll: true });
	stop.scrollIntoView({ block: "start" });
	const slot = stop.dataset.papers?.split(" ")[0];
	const form = slot && [...document.querySelectorAll("[data-paper]")].find(f => f.dataset.paper === slot);
	if (form) open(form);
}
document.querySelector("[data-next]")?.addEventListener("click", () => step(1));
document.querySelector("[data-previous]")?.addEventListener("click", () => step(-1));

// Rows: the arrows go from row to row, and x gives the row a reason. A row of reasons that is empty is taken first, else another one is added.
const rows = () => [...document.querySelectorAll("[data-pointer]")].filter(e => e.offsetParent);
function move(by) {
	const all = rows();
	const at = all.indexOf(document.activeElement);
	const row = at < 0 ? all.find(e => document.activeElement?.contains(e)) ?? all[0] : all[Math.max(0, Math.min(all.length - 1, at + by))];
	row?.focus();
}
document.addEventListener("keydown", event => {
	if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || event.target.closest("input, select, textarea, dialog, form")) return;
	event.preventDefault();
	move(event.key === "ArrowDown" ? 1 : -1);
});

// The claim: renewed every five minutes in which the reviewer did something.
let active = false, leaving = false;
for (const kind of ["keydown", "pointerdown", "input"]) document.addEventListener(kind, () => { active = true; }, true);
async function renew() {
	const form = new URLSearchParams({ etag: document.querySelector("[name=etag]")?.value ?? "" });
	const answer = await fetch(claim.dataset.renewal, { method: "POST", body: form });
	if (!answer.ok) {
		claim.textContent = answer.status === 412 ? claim.dataset.moved : claim.dataset.ended;
		claim.classList.add("error");
		return;
	}
	const { etag, text } = await answer.json();
	for (const field of document.querySelectorAll("[name=etag]")) field.value = etag;
	claim.textContent = text;
}
if (claim) {
	setInterval(() => { if (active) { active = false; renew().catch(() => {}); } }, 5 * 60 * 1000);
	document.addEventListener("submit", event => { if (!event.defaultPrevented) leaving = true; });
	document.addEventListener("click", event => { if (event.target.closest("a[data-keep]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) leaving = true; }); // a page of the same case
	addEventListener("pagehide", () => { if (!leaving) navigator.sendBeacon(claim.dataset.release); });
	addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
}
