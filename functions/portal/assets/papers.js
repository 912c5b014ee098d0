// The page of one paper: shows the chosen photo, reduces it, uploads it with progress, goes on after a lost connection, and has it checked.
// Without this script the form works too; see templates/paper.html.

const longSide = 3000; // pixels: more than the bureau's copy can show
const enough = 1.5 * 1024 * 1024; // bytes: a smaller photo is sent unchanged
const attempts = 4; // before the person has to press "try again"

function start() {
	const form = document.getElementById("upload");
	if (!form) return;
	const part = name => form.querySelector("[data-" + name + "]");
	const input = form.querySelector("input[type=file]");
	const send = part("send"), status = part("status"), progress = part("progress"), picked = part("picked"), take = part("take"), album = part("album");
	const sendWords = send.textContent;
	let chosen = null, busy = false, uploaded = false, waiting = false;

	const text = key => document.querySelector(`template[data-text="${key}"]`).content.textContent.replace("{max}", form.dataset.max);
	const bad = ["unreadable", "too-large", "none", "offline", "lost", "failed"];
	const say = key => {
		status.textContent = key ? text(key) : "";
		status.className = bad.includes(key) ? "error" : "";
	};
	const pause = ms => new Promise(done => setTimeout(done, ms));

	// On a phone, one button opens the camera and another the album. The camera or the album gives the photo to the same field.
	if (matchMedia("(pointer: coarse)").matches && !("keep" in form.dataset)) {
		for (const button of [take, album]) {
			button.hidden = false;
			button.addEventListener("click", () => {
				input.toggleAttribute("capture", button === take);
				input.click();
			});
		}
		input.className = "unseen";
		input.tabIndex = -1;
	}
	send.hidden = true; // until a photo is chosen
	// Apple's browsers turn HEIC photos into JPEG, because the field does not accept them. Others would hide them: there, say what to do.
	if (!("keep" in form.dataset) && !/iPhone|iPad|Macintosh/.test(navigator.userAgent)) input.accept += ",image/heic,image/heif";

	input.addEventListener("change", choose);
	form.addEventListener("submit", event => {
		event.preventDefault();
		if (busy) return;
		if (!chosen) { say("none"); input.focus(); return; }
		upload();
	});
	addEventListener("online", () => { if (waiting && form.isConnected) { waiting = false; upload(); } });

	async function choose() {
		const file = input.files[0];
		chosen = null; uploaded = false; waiting = false;
		send.textContent = sendWords;
		send.hidden = picked.hidden = true;
		if (!file) { say(""); return; }
		say("reading");
		let shown;
		try {
			shown = await decode(file);
		} catch {
			if (file === input.files[0]) say("unreadable");
			return;
		}
		const ready = "keep" in form.dataset ? file : await reduce(file, shown);
		shown.close?.();
		if (file !== input.files[0]) return; // another was chosen meanwhile
		if (ready.size > form.dataset.max * 1024 * 1024) { say("too-large"); return; }
		chosen = ready;
		const img = picked.querySelector("img");
		if (img.src) URL.revokeObjectURL(img.src);
		img.src = URL.createObjectURL(ready);
		send.hidden = picked.hidden = false;
		take.classList.add("plain");
		say(ready === file ? "ready" : "reduced");
	}

	// decode returns the picture of a file. Some browsers can show kinds of pictures that createImageBitmap cannot read.
	async function decode(file) {
		try {
			return await createImageBitmap(file);
		} catch {
			const img = new Image();
			img.src = URL.createObjectURL(file);
			try {
				await img.decode();
			} finally {
				URL.revokeObjectURL(img.src);
			}
			return img;
		}
	}

	// reduce returns a smaller JPEG, upright, or the file itself if it is small, or cannot be reduced.
	async function reduce(file, bitmap) {
		const scale = Math.min(1, longSide / Math.max(bitmap.width, bitmap.height));
		if (file.size <= enough && scale === 1 && /^image\/(jpeg|png)$/.test(file.type)) return file;
		const canvas = document.createElement("canvas");
		canvas.width = Math.round(bitmap.width * scale);
		canvas.height = Math.round(bitmap.height * scale);
		const context = canvas.getContext("2d");
		context.fillStyle = "#fff";
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
		const blob = await new Promise(done => canvas.toBlob(done, "image/jpeg", 0.9));
		const native = /^image\/(jpeg|png)$/.test(file.type);
		return blob && (blob.size < file.size || !native) ? blob : file;
	}

	async function upload() {
		busy = true;
		send.disabled = true;
		send.textContent = sendWords;
		let failed = "lost";
		for (let n = 0; n < attempts; n++) {
			if (!navigator.onLine) break;
			if (n) await pause(500 * 2 ** n);
			try {
				if (!uploaded) {
					say("sending");
					const got = await post();
					if (got === 403 || got === 400) { failed = "failed"; await renew(); continue; } // the form has expired
					if (got >= 300) { failed = "failed"; continue; }
					uploaded = true;
				}
				say("sent");
				await check();
				return;
			} catch { failed = "lost"; }
		}
		busy = false;
		send.disabled = false;
		progress.hidden = true;
		waiting = !navigator.onLine;
		say(waiting ? "offline" : failed);
		send.textContent = text("retry");
	}

	// post sends the photo to the store and returns the status.
	function post() {
		return new Promise((done, fail) => {
			const source = document.querySelector("template[data-form]");
			const data = new FormData();
			for (const field of source.content.querySelectorAll("input")) data.append(field.name, field.value);
			data.append("file", chosen, "photo");
			const request = new XMLHttpRequest();
			request.upload.addEventListener("progress", event => {
				if (event.lengthComputable) progress.value = Math.round(100 * event.loaded / event.total);
			});
			request.addEventListener("load", () => done(request.status));
			request.addEventListener("error", fail);
			request.addEventListener("timeout", fail);
			progress.value = 0;
			progress.hidden = false;
			request.open("POST", source.dataset.url);
			request.timeout = 180000;
			request.send(data);
		});
	}

	// renew gets a new form from the server.
	async function renew() {
		const response = await fetch(location.href);
		const fresh = parse(await response.text()).querySelector("template[data-form]");
		if (fresh) document.querySelector("template[data-form]").replaceWith(fresh);
	}

	// check has the uploaded photo checked. A repetition has one effect, because the key of the request is the same.
	async function check() {
		const source = document.querySelector("template[data-form]");
		let response;
		try {
			response = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams({ once: source.dataset.once, key: source.dataset.key }) });
		} catch (error) {
			if (!navigator.onLine) throw error;
			await pause(1000);
			if (!navigator.onLine) throw error;
			submit(source); // the session may have ended, and the log-in be on another host
			return;
		}
		if (response.redirected) { location.assign(response.url); return; }
		if (response.status >= 500 || response.status === 429) throw new Error("busy");
		show(await response.text());
	}

	// submit sends the check as a form.
	function submit(source) {
		const plain = document.createElement("form");
		plain.method = "post";
		plain.action = form.dataset.check;
		for (const name of ["once", "key"]) {
			const field = document.createElement("input");
			field.type = "hidden"; field.name = name; field.value = source.dataset[name];
			plain.append(field);
		}
		document.body.append(plain);
		plain.submit();
	}
}

const parse = text => new DOMParser().parseFromString(text, "text/html");

// show replaces the content of the page, and moves the focus to what is wrong.
function show(text) {
	const fresh = parse(text);
	document.title = fresh.title;
	document.getElementById("main").replaceWith(fresh.getElementById("main"));
	start();
	(document.querySelector(".summary") || document.querySelector("h1")).focus();
	scrollTo(0, 0);
}

start();
