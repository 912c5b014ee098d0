// The liveness check: opens the front camera, shows the movements that the server asks for, records them, and sends the recording.

const perMove = 4000; // milliseconds
const settle = 2500; // before the first movement
const bits = 900000; // a second: with four movements half of what the server takes
const kinds = ["video/webm;codecs=vp8", "video/webm", "video/mp4"];

function start() {
	const box = document.querySelector("[data-check]");
	if (!box) return;
	const part = name => box.querySelector("[data-" + name + "]");
	const begin = part("begin"), move = part("move"), status = part("status"), progress = part("progress"), stage = part("stage"), video = part("video");
	const left = part("left");
	const text = key => box.querySelector(`template[data-text="${key}"]`).content.textContent;
	const say = (key, bad) => { status.textContent = key ? text(key) : ""; status.className = bad ? "error" : ""; };
	const pause = ms => new Promise(done => setTimeout(done, ms));
	let recording = null; // {blob, send, key} that has not arrived yet
	let waiting = false;

	begin.hidden = false;
	begin.addEventListener("click", () => (recording ? send() : check()));
	addEventListener("online", () => { if (waiting && box.isConnected) { waiting = false; send(); } });

	function stop(key) {
		stage.hidden = progress.hidden = true;
		move.textContent = left.textContent = "";
		part("before").hidden = false;
		begin.hidden = false;
		begin.textContent = text("retry");
		say(key, true);
	}

	async function check() {
		const kind = window.MediaRecorder && navigator.mediaDevices && kinds.find(k => MediaRecorder.isTypeSupported(k));
		if (!kind) { stop("old"); return; }
		begin.hidden = true;
		say("camera");
		let stream;
		try {
			stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } } });
		} catch (error) {
			stop({ NotFoundError: "no-camera", OverconstrainedError: "no-camera", NotReadableError: "busy", AbortError: "busy" }[error.name] || "denied");
			return;
		}
		try {
			const asked = await ask();
			if (!asked) return;
			recording = { blob: await record(stream, kind, asked.moves), send: asked.send, key: crypto.randomUUID() };
		} catch {
			stop("lost");
			return;
		} finally {
			for (const track of stream.getTracks()) track.stop();
		}
		await send();
	}

	// ask starts a check on the server. It returns nothing if the server shows what prevents it.
	async function ask() {
		const response = await fetch(box.dataset.start, { method: "POST", headers: { "Idempotency-Key": crypto.randomUUID() } });
		if (response.ok && !response.redirected) return response.json();
		await answered(response);
	}

	async function record(stream, kind, moves) {
		part("before").hidden = true;
		stage.hidden = false;
		video.srcObject = stream;
		say("");
		move.textContent = text("ready");
		stage.scrollIntoView({ block: "center" });
		await pause(settle);
		const recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: bits });
		const chunks = [];
		recorder.addEventListener("dataavailable", event => chunks.push(event.data));
		const stopped = new Promise((done, fail) => { recorder.addEventListener("stop", done); recorder.addEventListener("error", fail); });
		recorder.start(1000);
		progress.hidden = false;
		for (let i = 0; i < moves.length; i++) {
			move.textContent = `${i + 1}/${moves.length} ${moves[i]}`;
			for (let seconds = perMove / 1000; seconds > 0; seconds--) {
				left.textContent = seconds;
				progress.value = 100 * (i + 1 - seconds * 1000 / perMove) / moves.length;
				await pause(1000);
			}
		}
		progress.value = 100;
		left.textContent = "";
		recorder.stop();
		await stopped;
		return new Blob(chunks, { type: kind.split(";")[0] });
	}

	async function send() {
		begin.hidden = stage.hidden = progress.hidden = true;
		move.textContent = "";
		say("sending");
		for (let n = 0; n < 4; n++) {
			if (!navigator.onLine) break;
			if (n) await pause(500 * 2 ** n);
			try {
				const response = await fetch(recording.send, { method: "POST", body: recording.blob, headers: { "Idempotency-Key": recording.key } });
				if (response.status >= 500) continue;
				recording = null;
				await answered(response);
				return;
			} catch { /* try again */ }
		}
		waiting = !navigator.onLine;
		begin.hidden = false;
		begin.textContent = text("retry");
		say(waiting ? "offline" : "lost", true);
	}
}

// answered shows the page that the server answers with.
async function answered(response) {
	if (response.redirected) { location.assign(response.url); return; }
	const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
	document.title = fresh.title;
	document.getElementById("main").replaceWith(fresh.getElementById("main"));
	start();
	(document.querySelector(".summary") || document.querySelector("h1")).focus();
	scrollTo(0, 0);
}

start();
