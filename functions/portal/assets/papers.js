// The page of one paper: shows the chosen photo, judges and reduces it, uploads it with progress, goes on after a lost connection, and has it checked.
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
	const advice = part("advice"), again = part("again"), turn = part("turn");
	const sendWords = send.textContent;
	let chosen = null, busy = false, uploaded = false, waiting = false, quarters = 0;

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
	} else {
		again.textContent = text("choose-again");
	}
	again.addEventListener("click", () => (take.hidden ? input : take).click());
	turn?.addEventListener("click", () => { quarters++; if (!busy) prepare(); });
	send.hidden = true; // until a photo is chosen
	// Apple's browsers turn HEIC photos into JPEG, because the field does not accept them. Others would hide them, and decode can read them.
	if (!("keep" in form.dataset) && !/iPhone|iPad|Macintosh/.test(navigator.userAgent)) input.accept += ",image/heic,image/heif";

	input.addEventListener("change", choose);
	form.addEventListener("submit", event => {
		event.preventDefault();
		if (busy) return;
		if (!chosen) { say("none"); input.focus(); return; }
		upload();
	});
	addEventListener("online", () => { if (waiting && form.isConnected) { waiting = false; upload(); } });

	function choose() {
		quarters = 0;
		prepare();
	}

	// prepare shows the chosen photo as it will be sent, with advice.
	async function prepare() {
		const file = input.files[0], turns = quarters;
		const stale = () => file !== input.files[0] || turns !== quarters; // another was chosen meanwhile
		chosen = null; uploaded = false; waiting = false;
		send.textContent = sendWords;
		send.className = "button";
		send.hidden = picked.hidden = advice.hidden = true;
		if (turn && !turns) turn.hidden = true; // pressed again, it keeps the focus
		if (!file) { say(""); return; }
		say("reading");
		let shown;
		try {
			shown = await decode(file);
		} catch {
			if (!stale()) say("unreadable");
			return;
		}
		if (turns % 4) shown = turned(shown, turns);
		const ready = "keep" in form.dataset ? file : await reduce(file, shown, turns % 4 !== 0);
		const faults = form.dataset.judge ? await judged(shown) : [];
		shown.close?.();
		if (stale()) return;
		if (ready.size > form.dataset.max * 1024 * 1024) { say("too-large"); return; }
		chosen = ready;
		const img = picked.querySelector("img");
		if (img.src) URL.revokeObjectURL(img.src);
		img.src = URL.createObjectURL(ready);
		send.hidden = picked.hidden = false;
		if (turn) {
			turn.hidden = false;
			turn.classList.add("plain");
		}
		take.classList.add("plain");
		if (faults.length) advise(faults);
		else say(turns ? "turned" : ready === file ? "ready" : "reduced");
	}

	// judged returns what may be wrong with a photo. Without the judge, the photo is sent without advice.
	async function judged(picture) {
		try {
			return (await import(form.dataset.judge)).judge(picture, form.dataset.shape);
		} catch { return []; }
	}

	// advise shows what may be wrong, and offers another photo first.
	function advise(faults) {
		advice.querySelector("ul").replaceChildren(...faults.map(({ fault, sides }) => {
			const line = document.createElement("li");
			line.textContent = text("advice-" + fault).replace("{sides}", (sides ?? []).map(side => text("side-" + side)).join(document.documentElement.lang === "en" ? ", " : "、"));
			return line;
		}));
		const turning = faults.every(({ fault }) => fault === "sideways"); // enough without another photo
		again.hidden = turning;
		turn.classList.toggle("plain", !turning);
		advice.hidden = false;
		send.classList.add("plain");
		send.textContent = text("send-anyway");
		say("advised");
	}

	// decode returns the picture of a file. Some browsers can show kinds of pictures that createImageBitmap cannot read; few can show HEIC.
	async function decode(file) {
		try {
			return await createImageBitmap(file);
		} catch { /* as an image, below */ }
		const img = new Image();
		img.src = URL.createObjectURL(file);
		try {
			await img.decode();
			return img;
		} catch (error) {
			const heic = form.dataset.heic && await import(form.dataset.heic);
			if (!heic || !await heic.isHEIC(file)) throw error;
			say("heic");
			return await heic.decodeHEIC(file);
		} finally {
			URL.revokeObjectURL(img.src);
		}
	}

	// reduce returns a smaller JPEG, upright, or the file itself if it is small, or cannot be reduced. With always, it returns a JPEG of the picture.
	async function reduce(file, bitmap, always) {
		const scale = Math.min(1, longSide / Math.max(bitmap.width, bitmap.height));
		if (!always && file.size <= enough && scale === 1 && /^image\/(jpeg|png)$/.test(file.type)) return file;
		const canvas = document.createElement("canvas");
		canvas.width = Math.round(bitmap.width * scale);
		canvas.height = Math.round(bitmap.height * scale);
		const context = canvas.getContext("2d");
		context.fillStyle = "#fff";
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
		const blob = await new Promise(done => canvas.toBlob(done, "image/jpeg", 0.9));
		const native = /^image\/(jpeg|png)$/.test(file.type);
		return blob && (always || blob.size < file.size || !native) ? blob : file;
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

// turned returns a picture turned to the right by quarters of a circle.
function turned(picture, quarters) {
	const canvas = document.createElement("canvas");
	[canvas.width, canvas.height] = quarters % 2 ? [picture.height, picture.width] : [picture.width, picture.height];
	const context = canvas.getContext("2d");
	context.translate(canvas.width / 2, canvas.height / 2);
	context.rotate(quarters * Math.PI / 2);
	context.drawImage(picture, -picture.width / 2, -picture.height / 2);
	picture.close?.();
	return canvas;
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
