// Turns a HEIC photo into pixels, in a worker, for browsers that cannot show such photos. The decoder, libheif, is under LGPL-3.0: it stays a file of its own, beside
// its licence, and is loaded only for such a photo. The photo stays in the browser.
//
// Message in: {files, photo}. Message out: {bitmap} or {error: "network" | "picture"}.
self.addEventListener("message", async ({ data: { files, photo } }) => {
	let failed = "network";
	try {
		const address = (name) => files.find((f) => f.name === name).url;
		const response = await fetch(address("heif.wasm"));
		if (!response.ok) throw new Error(failed);
		const wasmBinary = await response.arrayBuffer();
		importScripts(address("heif.js"));
		failed = "picture";
		const decoder = new (libheif({ wasmBinary }).HeifDecoder)();
		const images = decoder.decode(await photo.arrayBuffer());
		const image = images.find((i) => i.is_primary?.()) ?? images[0];
		const pixels = new ImageData(image.get_width(), image.get_height());
		await new Promise((done, fail) => image.display(pixels, (shown) => (shown ? done() : fail(new Error(failed)))));
		const bitmap = await createImageBitmap(pixels);
		postMessage({ bitmap }, [bitmap]);
	} catch {
		postMessage({ error: failed });
	}
});
