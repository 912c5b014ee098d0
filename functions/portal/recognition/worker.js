// Reads papers in a worker, so that the page stays responsive. The picture stays in the browser.
//
// Messages in: {load: files} once, then {read: picture, paper}. Messages out: {loaded, total} in bytes over the network, {ready}, {line, count},
// {fields, lines: the texts}, {error: "network" | "picture" | "runtime"}.
import { fieldsOf, required } from "./papers.js";
import { regions } from "./regions.js";
import { alphabet, classesOf, decode, decodeOnly } from "./text.js";

const CACHE = "recognition";
const LARGEST = 2400; // pixels of the longer side of the picture that is read
const DETECTION = 960; // pixels of the longer side of the picture in which text is found
const LINE = 48; // pixels of the height of a line
const STRETCHED = 16; // a line that is longer than this many heights is read wider

let reader;

self.addEventListener("message", async ({ data }) => {
	try {
		if (data.load) {
			reader = await load(data.load);
			postMessage({ ready: true });
		} else {
			postMessage(await read(data.read, data.paper));
		}
	} catch (cause) {
		const known = ["network", "picture"].includes(cause.message);
		if (!known) console.error("recognition: " + cause.name); // not its message, which may quote the paper
		postMessage({ error: known ? cause.message : "runtime" });
	}
});

/** load fetches the files, those that the browser does not keep already, and starts the models. */
async function load(files) {
	const total = files.reduce((sum, f) => sum + f.compressed, 0);
	let loaded = 0;
	const progress = (bytes) => postMessage({ loaded: Math.min((loaded += bytes), total), total });
	const contents = {};
	const cache = self.caches ? await caches.open(CACHE).catch(() => null) : null;
	for (const file of files) {
		if (file.name !== "runtime.mjs") contents[file.name] = await fetchFile(file, cache, progress);
	}
	if (cache) {
		const current = new Set(files.map((f) => new URL(f.url, location.href).href));
		for (const kept of await cache.keys()) if (!current.has(kept.url)) await cache.delete(kept);
	}
	const runtime = await import(files.find((f) => f.name === "runtime.mjs").url).catch(() => { throw new Error("network"); });
	runtime.env.wasm.numThreads = 1;
	runtime.env.wasm.wasmBinary = contents["runtime.wasm"].buffer;
	const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
	const detection = await runtime.InferenceSession.create(contents["detection.onnx"], options);
	const reading = await runtime.InferenceSession.create(contents["reading.onnx"], options);
	const characters = alphabet(new TextDecoder().decode(contents["characters.txt"]));
	const classes = {
		digits: classesOf("0123456789X", characters), code: classesOf("0123456789ABCDEFGHJKLMNPQRTUWXY", characters),
		zone: classesOf("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<", characters),
	};
	return { tensor: (data, dims) => new runtime.Tensor("float32", data, dims), detection, reading, characters, classes };
}

/** fetchFile returns a file's bytes, and keeps it for ever: its address contains a hash of it. */
async function fetchFile(file, cache, progress) {
	const kept = await cache?.match(file.url, { ignoreVary: true });
	if (kept) {
		progress(file.compressed);
		return new Uint8Array(await kept.arrayBuffer());
	}
	const bytes = new Uint8Array(file.bytes);
	let at = 0, reported = 0;
	try {
		const response = await fetch(file.url);
		if (!response.ok) throw new Error("network");
		for (const stream = response.body.getReader(); ;) {
			const { done, value } = await stream.read();
			if (done) break;
			bytes.set(value, at);
			at += value.length;
			const now = Math.round((at / file.bytes) * file.compressed);
			progress(now - reported);
			reported = now;
		}
		if (at !== file.bytes) throw new Error("network");
	} catch {
		throw new Error("network");
	}
	await cache?.put(file.url, new Response(bytes)).catch(() => {}); // without room, the next visit loads it again
	return bytes;
}

/** read returns the fields of a paper. A picture on its side or upside down is turned. */
async function read(picture, paper) {
	const began = performance.now();
	const whole = await createImageBitmap(picture).catch(() => { throw new Error("picture"); });
	let best = { fields: [] };
	let quarters = [0, 2];
	for (let i = 0; i < quarters.length; i++) {
		const canvas = turned(whole, quarters[i]);
		const boxes = await find(canvas);
		if (i === 0 && sideways(boxes)) {
			quarters = [0, 1, 3];
			continue;
		}
		for (let n = 0; n < boxes.length; n++) {
			Object.assign(boxes[n], await readLine(canvas, boxes[n]));
			postMessage({ line: n + 1, count: boxes.length });
		}
		const fields = fieldsOf(paper, boxes);
		if (fields.length > best.fields.length) best = { fields, lines: boxes.map((b) => b.text) };
		if (required[paper].every((name) => fields.some((f) => f.name === name))) break;
	}
	whole.close();
	return { ...best, milliseconds: Math.round(performance.now() - began) };
}

/** turned draws a picture, smaller if it is large, turned by quarters of a circle. */
function turned(picture, quarters) {
	const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
	const width = Math.round(picture.width * scale), height = Math.round(picture.height * scale);
	const canvas = quarters % 2 ? new OffscreenCanvas(height, width) : new OffscreenCanvas(width, height);
	const context = canvas.getContext("2d");
	context.imageSmoothingQuality = "high";
	context.translate(canvas.width / 2, canvas.height / 2);
	context.rotate((quarters * Math.PI) / 2);
	context.drawImage(picture, -width / 2, -height / 2, width, height);
	return canvas;
}

/** sideways reports whether most lines stand upright. */
function sideways(boxes) {
	const long = boxes.filter((b) => Math.max(b.width, b.height) > 3 * Math.min(b.width, b.height));
	return long.length > 1 && long.filter((b) => b.height > b.width).length > long.length / 2;
}

/** find returns the boxes around the text of a picture, in its pixels. */
async function find(canvas) {
	const scale = Math.min(1, DETECTION / Math.max(canvas.width, canvas.height));
	const width = Math.max(32, Math.round((canvas.width * scale) / 32) * 32), height = Math.max(32, Math.round((canvas.height * scale) / 32) * 32);
	const small = new OffscreenCanvas(width, height);
	const context = small.getContext("2d", { willReadFrequently: true });
	context.imageSmoothingQuality = "high";
	context.drawImage(canvas, 0, 0, width, height);
	const input = reader.tensor(planes(context, width, height, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), [1, 3, height, width]);
	const output = Object.values(await reader.detection.run({ [reader.detection.inputNames[0]]: input }))[0];
	const x = canvas.width / width, y = canvas.height / height;
	return regions(output.data, width, height).map((b) => ({ ...b, x: b.x * x, y: b.y * y, width: b.width * x, height: b.height * y }));
}

/** readLine returns what one box says. */
async function readLine(canvas, box) {
	const scale = LINE / box.height;
	const stretch = box.width > STRETCHED * box.height ? 1.25 : 1; // the letters of long lines, such as a passport's, stand close together
	const width = Math.max(LINE, Math.ceil((box.width * scale * stretch) / 8) * 8);
	const line = new OffscreenCanvas(width, LINE);
	const context = line.getContext("2d", { willReadFrequently: true });
	context.imageSmoothingQuality = "high";
	context.scale(stretch, 1);
	context.translate((box.width * scale) / 2, LINE / 2);
	context.rotate(-box.angle);
	context.scale(scale, scale);
	context.drawImage(canvas, -box.x, -box.y);
	const input = reader.tensor(planes(context, width, LINE, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]), [1, 3, LINE, width]);
	const output = Object.values(await reader.reading.run({ [reader.reading.inputNames[0]]: input }))[0];
	const steps = output.dims[1];
	const only = (classes) => decodeOnly(output.data, steps, reader.characters, classes).text;
	return {
		...decode(output.data, steps, reader.characters),
		digits: only(reader.classes.digits), code: only(reader.classes.code), zone: only(reader.classes.zone),
	};
}

/** planes returns the pixels as the models take them: blue, green and red planes, each around 0. */
function planes(context, width, height, mean, deviation) {
	const { data } = context.getImageData(0, 0, width, height);
	const size = width * height;
	const out = new Float32Array(3 * size);
	for (let c = 0; c < 3; c++) {
		const from = 2 - c;
		for (let i = 0; i < size; i++) out[c * size + i] = (data[4 * i + from] / 255 - mean[c]) / deviation[c];
	}
	return out;
}
